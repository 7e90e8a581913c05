// Commands that look at something and print it, on the root alone.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/operations/inspect.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope::app {
namespace {

/// An action that prints what `make` returns.
Action printing(std::function<std::string()> make) {
  return [make = std::move(make)](const Communicator& world) {
    together(world, [&] {
      if (world.is_root()) print(make());
    });
  };
}

neural::SampleShape parse_shape(const std::string& text) {
  std::vector<std::int64_t> sizes;
  for (const auto& part : CLI::detail::split(text, 'x')) {
    std::int64_t size = 0;
    if (!CLI::detail::lexical_cast(part, size) || size < 1)
      fail("--input {}: expected C, CxHxW or CxDxHxW, such as 1x256x256", text);
    sizes.push_back(size);
  }
  neural::SampleShape shape;
  shape.channels = sizes.front();
  shape.extents.assign(sizes.begin() + 1, sizes.end());
  return shape;
}

/// What the `network` command was asked for.
struct NetworkRequest {
  std::string file;
  std::string input = "1x256x256";
  std::vector<std::string> parameters;
  std::int64_t batch = 1;
};

std::map<std::string, double> parse_parameters(const std::vector<std::string>& assignments) {
  std::map<std::string, double> parameters;
  for (const auto& text : assignments) {
    const auto equals = text.find('=');
    double value = 0.0;
    const bool read =
        equals != std::string::npos && equals > 0 && CLI::detail::lexical_cast(text.substr(equals + 1), value);
    if (!read || !std::isfinite(value)) {
      fail("--set {}: expected a parameter of the network and its value, such as hidden=8", text);
    }
    parameters[text.substr(0, equals)] = value;
  }
  return parameters;
}

std::string network_summary(const NetworkRequest& request) {
  const auto description = neural::NetworkDescription::parse(
      read_text_file(request.file), request.file, parse_parameters(request.parameters), parse_shape(request.input));
  return neural::Network::summary_of(description, request.batch);
}

void add_inspect(CLI::App& app, Common& common, Action& action) {
  const auto path = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("inspect", "say what a cube, a seed directory, or one of our result files holds");
  command->add_option("path", *path, "file or folder")->required();
  add_common(*command, common);
  command->callback([&action, path] { action = printing([path] { return describe(std::filesystem::path(*path)); }); });
}

void add_network(CLI::App& app, Common& common, Action& action) {
  const auto request = std::make_shared<NetworkRequest>();
  CLI::App* command = app.add_subcommand("network", "print the layers of a network file, and what they cost");
  command->add_option("file", request->file, "the network's YAML file")->required();
  command->add_option("--input", request->input, "shape of a sample: C, CxHxW or CxDxHxW")->capture_default_str();
  command->add_option("--batch", request->batch, "samples of a micro-batch")->capture_default_str();
  command->add_option("--set", request->parameters, "a parameter of the network, such as hidden=8; may be repeated");
  add_common(*command, common);
  command->callback([&action, request] { action = printing([request] { return network_summary(*request); }); });
}

void add_settings(CLI::App& app, Common& common, Action& action) {
  CLI::App* command = app.add_subcommand("settings", "list every setting of a study, as a Markdown table");
  add_common(*command, common);
  command->callback([&action] {
    action = printing([] {
      StudySettings defaults;
      return describe(defaults).to_markdown();
    });
  });
}

}  // namespace

void add_printing_commands(CLI::App& app, Common& common, Action& action) {
  add_inspect(app, common, action);
  add_network(app, common, action);
  add_settings(app, common, action);
}

}  // namespace phiscope::app
