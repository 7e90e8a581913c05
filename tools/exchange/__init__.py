"""What the tools that carry networks to other programs share: reading network files and models."""
