// `phiscope predict MODEL INPUT…`: a trained network on data without labels.
#include <CLI/CLI.hpp>
#include <memory>

#include "command_line.hpp"
#include "phiscope/measurement/field_source.hpp"
#include "phiscope/operations/predict.hpp"

namespace phiscope::app {

void add_predict_command(CLI::App& app, Common& common, Action& action) {
  const auto request = std::make_shared<PredictRequest>();
  CLI::App* command = app.add_subcommand("predict", "apply a trained network to data without labels");
  command->add_option("model", request->model, "a run directory, or its model.safetensors")->required();
  command->add_option("inputs", request->inputs, "tables, maps or cubes of the kind that the network learnt from")
      ->required();
  command->add_option("-o,--output", request->output, "FILE.csv or FILE.h5 (default: CSV to standard output)");
  command->add_option("--dataset", request->dataset, "of HDF5 files (default: data, or the only one)");
  add_common(*command, common);
  command->callback([&action, request] {
    if (!request->output.empty()) parsed("--output", [&] { return table_format(request->output); });
    action = [request](const Communicator& world) { predict(world, *request); };
  });
}

}  // namespace phiscope::app
