#pragma once
#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

namespace phiscope {

/// The one document of a YAML text, safe to walk: at most 64 levels deep, no alias stands inside what it stands for,
/// aliases do not multiply it out of proportion, and the keys of its maps are words of which none is given twice.
///
/// Throws Error, "{name}:{line}: …", where the text is no YAML, holds a second document, or breaks one of these. The
/// depth is checked in the text, before the parser, whose memory would grow with every bracket.
YAML::Node load_yaml(const std::string& text, const std::string& name);

/// true, yes and on, false, no and off, in small letters, capitals or with a capital first (YAML 1.1); else nothing.
std::optional<bool> yaml_boolean(const std::string& text);

}  // namespace phiscope
