"""The figures of a study's report: one module per family."""
