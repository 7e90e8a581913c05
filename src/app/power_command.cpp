// `phiscope power`: P(k) of cubes or particles, as a table.
#include <cmath>
#include <cstddef>
#include <memory>

#include "command_line.hpp"
#include "field_options.hpp"
#include "phiscope/measurement/power_table.hpp"
#include "phiscope/study/command_threads.hpp"

namespace phiscope::app {
namespace {

struct PowerCommand {
  FieldOptions field;
  std::vector<std::filesystem::path> files;
  std::string convention = "default", edges;
  double bin_width = 1.0, per_decade = 10.0, k_max = 0.0;
  int axis = 0;
  CLI::Option *edges_option = nullptr, *width_option = nullptr, *decade_option = nullptr, *limit_option = nullptr,
              *axis_option = nullptr;

  void add_to(CLI::App& command);
  PowerRequest request() const;
  BinOptions bins() const;
};

void PowerCommand::add_to(CLI::App& command) {
  command
      .add_option("files", files,
                  "cubes: HDF5 or .npy (or particles, see --particles). One: its P(k). Two: their cross spectrum, with "
                  "the columns p0_a, p0_b, r and t = sqrt(p0_a/p0_b). More: their P(k), with a first column cube")
      ->required();
  field.add_to(command);
  command.add_option("--convention", convention, "binning: default or pylians")->capture_default_str();
  axis_option = command.add_option("--multipoles", axis, "line of sight of P2 and P4: data axis 0, 1 or 2")
                    ->check(CLI::Range(0, 2));
  edges_option = command.add_option("--edges", edges, "bin edges a,b,c… in h/Mpc");
  width_option =
      command.add_option("--bin-width", bin_width, "width of linear bins in k_F (default: 1)")->check(check_positive);
  decade_option = command.add_option("--per-decade", per_decade, "logarithmic bins, so many per factor of ten in k")
                      ->check(check_positive);
  limit_option =
      command.add_option("--kmax", k_max, "only bins that lie below this as a whole, h/Mpc")->check(check_positive);
  edges_option->excludes(width_option)->excludes(decade_option);
  width_option->excludes(decade_option);
}

/// Throws CLI::ValidationError unless there are two or more, ascending from 0 or above.
std::vector<double> parse_edges(const std::string& text) {
  std::vector<double> edges = parse_numbers("--edges", text);
  bool ascend = edges.size() >= 2 && edges.front() >= 0.0;
  for (std::size_t i = 1; i < edges.size(); ++i) ascend = ascend && edges[i] > edges[i - 1];
  if (!ascend) throw CLI::ValidationError("--edges", "expected two or more ascending edges in h/Mpc, found " + text);
  return edges;
}

BinOptions PowerCommand::bins() const {
  BinOptions bins;
  if (*edges_option) {
    bins.spacing = BinSpacing::edges;
    bins.edges = parse_edges(edges);
  } else if (*decade_option) {
    bins.spacing = BinSpacing::logarithmic;
    bins.per_decade = per_decade;
  } else {
    // As the default: bins centred on multiples of their width, and none at k = 0.
    bins.width = bin_width;
    bins.first_edge = 0.5 * bin_width;
  }
  return bins;
}

PowerRequest PowerCommand::request() const {
  PowerRequest request;
  request.files = files;
  request.source = field.source();
  request.output = field.output();
  request.options.window = field.window();
  request.options.convention = parsed("--convention", [&] { return parse_power_convention(convention); });
  if (request.options.convention == PowerConvention::pylians && (*edges_option || *width_option || *decade_option))
    throw CLI::ValidationError("--convention",
                               "pylians has bins of its own: leave out --edges, --bin-width, --per-decade");
  request.options.bins = bins();
  if (*limit_option) request.options.k_max = k_max;
  if (*axis_option) request.options.multipole_axis = axis;
  return request;
}

}  // namespace

void add_power_command(CLI::App& app, Common& common, Action& action) {
  CLI::App* command = app.add_subcommand("power", "power spectrum of cubes or particles, cross spectrum of two");
  const auto options = std::make_shared<PowerCommand>();
  options->add_to(*command);
  add_common(*command, common);
  command->callback([&action, options] {
    action = [request = options->request()](const Communicator& world) {
      choose_command_threads(world);
      write_power_table(world, request);
    };
  });
}

}  // namespace phiscope::app
