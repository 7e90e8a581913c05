// `phiscope bispectrum`: B(k1, k2, k3) of a cube or of particles, as a table.
#include <algorithm>
#include <cstddef>
#include <memory>

#include "command_line.hpp"
#include "field_options.hpp"
#include "phiscope/measurement/bispectrum_table.hpp"
#include "phiscope/study/command_threads.hpp"

namespace phiscope::app {
namespace {

struct BispectrumCommand {
  FieldOptions field;
  std::filesystem::path file;
  std::string shapes, angles, triangles, edges, convention = "default", aliasing = "refuse";
  int k_steps = 0;
  double k_min = 0.0, k_max = 0.0, bin_width = 2.0;
  CLI::Option *shapes_option = nullptr, *angles_option = nullptr, *triangles_option = nullptr, *steps_option = nullptr,
              *edges_option = nullptr, *min_option = nullptr, *max_option = nullptr, *width_option = nullptr,
              *aliasing_option = nullptr;

  void add_to(CLI::App& command);
  BispectrumRequest request() const;

 private:
  void read_convention(BispectrumSettings& settings) const;
  void read_shapes(BispectrumSettings& settings) const;
  void read_all_closed(BispectrumSettings& settings) const;
  void read_list(BispectrumSettings& settings) const;
};

void BispectrumCommand::add_to(CLI::App& command) {
  command.add_option("file", file, "a cube: HDF5 or .npy (or particles, see --particles)")->required();
  field.add_to(command);
  shapes_option = command.add_option("--shapes", shapes,
                                     "families of triangles, separated by commas: equilateral, squeezed, stretched, "
                                     "isosceles (with --angles); needs --ksteps");
  triangles_option = command.add_option("--triangles", triangles,
                                        "all: every triangle of bins whose centres close (--edges, or --bin-width "
                                        "with --kmin, --kmax); or FILE.csv with columns k1,k2,k3 in h/Mpc");
  shapes_option->excludes(triangles_option);
  steps_option =
      command.add_option("--ksteps", k_steps, "logarithmic steps of k1 from --kmin to --kmax, both included")
          ->check(CLI::Range(1, most_k_steps));
  min_option = command.add_option("--kmin", k_min, "smallest k1, or lower edge of the first bin, h/Mpc (default: k_F)")
                   ->check(check_positive);
  max_option = command
                   .add_option("--kmax", k_max,
                               "largest k1, or upper limit of the bins, h/Mpc (default: what has no aliasing; the "
                               "Nyquist frequency with --convention pylians)")
                   ->check(check_positive);
  angles_option = command.add_option("--angles,--theta", angles,
                                     "isosceles: angles between the vectors k1 and k2 in radians, a,b,c…");
  edges_option = command.add_option("--edges", edges, "bin edges a,b,c… in h/Mpc");
  width_option = command.add_option("--bin-width", bin_width, "width of bins and shells in k_F (default: 2)")
                     ->check(check_positive);
  command.add_option("--convention", convention, "default or pylians")->capture_default_str();
  aliasing_option = command.add_option("--aliasing", aliasing,
                                       "triangles that close only modulo the grid: refuse, pad (measure without them "
                                       "on a finer grid) or allow (default: refuse; pylians: allow)");
}

/// Wrong usage when an option is given that `what` does not take.
void refuse(const CLI::Option* option, const std::string& what) {
  if (*option) throw CLI::ValidationError(option->get_name(), "has no meaning with " + what);
}

void require(const CLI::Option* option, const std::string& what) {
  if (!*option) throw CLI::ValidationError(what, "needs " + option->get_name());
}

template <class Value>
void refuse_repeated(const std::string& option, const std::vector<Value>& values) {
  for (auto value = values.begin(); value != values.end(); ++value)
    if (std::find(values.begin(), value, *value) != value)
      throw CLI::ValidationError(option, fmt::format("lists {} twice", *value));
}

void BispectrumCommand::read_convention(BispectrumSettings& settings) const {
  const auto name = parsed("--convention", [&] { return parse_power_convention(convention); });
  settings.aliasing = parsed("--aliasing", [&] { return parse_aliasing(aliasing); });
  if (name != PowerConvention::pylians) return;
  settings.convention = TriangleConvention::pylians;
  if (*aliasing_option && settings.aliasing != Aliasing::allow)
    throw CLI::ValidationError("--aliasing", "pylians counts triangles that close modulo the grid: only allow fits it");
  settings.aliasing = Aliasing::allow;
  refuse(width_option, "--convention pylians, whose shells are 2 k_F wide");
}

void BispectrumCommand::read_shapes(BispectrumSettings& settings) const {
  settings.triangles = Triangles::shapes;
  settings.shapes = CLI::detail::split(shapes, ',');
  bool has_isosceles = false;
  for (auto& name : settings.shapes) {
    CLI::detail::trim(name);
    if (name == "isosceles")
      has_isosceles = true;
    else
      parsed("--shapes", [&] { return TriangleShape::named(name); });
  }
  refuse_repeated("--shapes", settings.shapes);
  require(steps_option, "--shapes");
  refuse(edges_option, "--shapes");
  if (has_isosceles) {
    require(angles_option, "--shapes isosceles");
    settings.angles = parse_numbers("--angles", angles);
    refuse_repeated("--angles", settings.angles);
    for (const double angle : settings.angles) parsed("--angles", [&] { return TriangleShape::isosceles(angle); });
  } else {
    refuse(angles_option, "--shapes that do not list isosceles");
  }
  settings.k_steps = k_steps;
}

void BispectrumCommand::read_all_closed(BispectrumSettings& settings) const {
  settings.triangles = Triangles::all;
  if (settings.convention == TriangleConvention::pylians)
    throw CLI::ValidationError("--triangles", "all has no pylians convention: take --shapes, a file, or the default");
  if (!*edges_option) {
    if (!*width_option) throw CLI::ValidationError("--triangles", "all needs --edges, or --bin-width");
    return;
  }
  for (const auto* option : {width_option, min_option, max_option}) refuse(option, "--edges");
  settings.edges = parse_numbers("--edges", edges);
  const bool ascend = std::adjacent_find(settings.edges.begin(), settings.edges.end(),
                                         [](double a, double b) { return a >= b; }) == settings.edges.end();
  if (settings.edges.size() < 2 || settings.edges.front() < 0.0 || !ascend)
    throw CLI::ValidationError("--edges", "expected two or more ascending edges in h/Mpc, found " + edges);
}

void BispectrumCommand::read_list(BispectrumSettings& settings) const {
  settings.triangles = Triangles::file;
  settings.file = triangles;
  for (const auto* option : {edges_option, min_option, max_option}) refuse(option, "a list of triangles");
}

BispectrumRequest BispectrumCommand::request() const {
  BispectrumRequest request;
  request.file = file;
  request.source = field.source();
  request.window = field.window();
  request.output = field.output();
  BispectrumSettings& settings = request.triangles;
  settings.bin_width = bin_width;
  if (*min_option) settings.k_min = k_min;
  if (*max_option) settings.k_max = k_max;
  if (*min_option && *max_option && k_min > k_max) throw CLI::ValidationError("--kmin", "is larger than --kmax");
  read_convention(settings);
  if (*shapes_option) {
    read_shapes(settings);
    return request;
  }
  if (!*triangles_option)
    throw CLI::ValidationError("bispectrum",
                               "say which triangles: --shapes NAMES --ksteps N, --triangles all, or "
                               "--triangles FILE.csv");
  refuse(steps_option, "--triangles");
  refuse(angles_option, "--triangles");
  if (triangles == "all")
    read_all_closed(settings);
  else
    read_list(settings);
  return request;
}

}  // namespace

void add_bispectrum_command(CLI::App& app, Common& common, Action& action) {
  CLI::App* command = app.add_subcommand("bispectrum", "bispectrum of a cube or of particles");
  const auto options = std::make_shared<BispectrumCommand>();
  options->add_to(*command);
  add_common(*command, common);
  command->callback([&action, options] {
    action = [request = options->request()](const Communicator& world) {
      choose_command_threads(world);
      write_bispectrum_table(world, request);
    };
  });
}

}  // namespace phiscope::app
