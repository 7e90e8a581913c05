// Commands that look at something and print it, on the root alone.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "command_line.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/inspect.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
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
      fail("--input {}: expected CxHxW or CxHxWxD, such as 1x256x256", text);
    sizes.push_back(size);
  }
  neural::SampleShape shape;
  shape.channels = sizes.front();
  shape.extents.assign(sizes.begin() + 1, sizes.end());
  return shape;
}

std::string network_summary(const std::filesystem::path& file, const std::string& input) {
  const auto description =
      neural::NetworkDescription::parse(read_text_file(file), file.string(), {}, parse_shape(input));
  return neural::Network(description, 1).summary() + "\n";
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
  const auto path = std::make_shared<std::string>();
  const auto input = std::make_shared<std::string>("1x256x256");
  CLI::App* command = app.add_subcommand("network", "print the layers of a network file");
  command->add_option("file", *path, "the network's YAML file")->required();
  command->add_option("--input", *input, "shape of a sample: CxHxW or CxHxWxD")->capture_default_str();
  add_common(*command, common);
  command->callback([&action, path, input] { action = printing([=] { return network_summary(*path, *input); }); });
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
