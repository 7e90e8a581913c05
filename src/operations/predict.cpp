#include "phiscope/operations/predict.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/data/data_kinds.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "phiscope/learning/trained_model.hpp"
#include "phiscope/measurement/field_source.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// What the network says of all items so far.
struct Predictions {
  std::vector<std::string> names;
  std::vector<double> rows;   ///< items × columns
  std::vector<float> fields;  ///< items × channels × cells
  std::vector<std::uint64_t> field_shape;
};

/// Samples that the network looks at together: many small ones, few large ones.
std::int64_t batch_for(const neural::NetworkDescription& description) {
  constexpr std::int64_t values = std::int64_t{1} << 18U, most = 256;
  return std::clamp<std::int64_t>(values / description.input.values(), 1, most);
}

std::string csv_of(const Predictions& predictions, const Prediction& prediction) {
  const auto columns = prediction.columns(), words = prediction.words();
  std::string text = "name";
  for (const auto& column : columns) text += "," + table_text(column);
  text += "\n";
  for (std::size_t i = 0; i < predictions.names.size(); ++i) {
    text += table_text(predictions.names[i]);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const double value = predictions.rows[i * columns.size() + c];
      text += ',';
      if (c == 0 && !words.empty())
        text += table_text(words[static_cast<std::size_t>(value)]);
      else
        fmt::format_to(std::back_inserter(text), "{}", static_cast<float>(value));
    }
    text += '\n';
  }
  return text;
}

void write_hdf5(const std::filesystem::path& output, const Predictions& predictions, const TrainedModel& model) {
  const Prediction& prediction = *model.prediction;
  Hdf5Writer file(output);
  file.write_strings("name", predictions.names, "file, and the place of the item in it");
  const auto columns = prediction.columns(), words = prediction.words();
  const std::size_t items = predictions.names.size();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<double> values;
    for (std::size_t i = 0; i < items; ++i) values.push_back(predictions.rows[i * columns.size() + c]);
    if (c > 0 || words.empty()) {
      file.write(columns[c], values, {items}, "", "what the network says, in the unit of the training data");
      continue;
    }
    std::vector<std::string> said;
    for (const double value : values) said.push_back(words[static_cast<std::size_t>(value)]);
    file.write_strings(columns[c], said, "the most probable class");
  }
  if (prediction.is_field())
    file.write("field", predictions.fields, predictions.field_shape, "",
               "what the network gives, in the unit of the training targets");
  file.attribute("/", "model", model.file.string());
  file.commit();
}

void check_request(const PredictRequest& request, const TrainedModel& model) {
  if (request.inputs.empty()) fail("no input is given: expected the files that the network is applied to");
  const bool hdf5 = !request.output.empty() && table_format(request.output) == TableFormat::hdf5;
  if (model.prediction->is_field() && !hdf5)
    fail("{}: its network gives fields, expected -o FILE.h5 for them", model.file.string());
  for (const auto& input : request.inputs)
    if (!request.output.empty() && std::filesystem::exists(request.output) && std::filesystem::exists(input) &&
        std::filesystem::equivalent(request.output, input))
      fail("{}: it is an input, and would be written over", request.output.string());
}

const DataKind& kind_of(const TrainedModel& model) {
  const DataKind* kind = find_row(standard_data_kinds(), model.data.kind);
  if (kind == nullptr || kind->open_unlabelled == nullptr)
    fail("{}: its network learnt from data of kind '{}', which cannot be opened without labels", model.file.string(),
         model.data.kind);
  return *kind;
}

/// All inputs, opened: each table by itself, arrays together.
std::vector<LabelledData> open_inputs(const PredictRequest& request, const TrainedModel& model) {
  const DataKind& kind = kind_of(model);
  DataSettings data = model.data;
  data.dataset = request.dataset;
  std::vector<LabelledData> opened;
  const std::span<const std::filesystem::path> files(request.inputs);
  const auto channels = model.description.input.channels;
  const std::size_t together = model.data.kind == "table" ? 1 : files.size();
  for (std::size_t i = 0; i < files.size(); i += together)
    opened.push_back(kind.open_unlabelled(data, files.subspan(i, together), channels));
  return opened;
}

/// Says when inputs are not like those of the training: another unit, another transform.
void warn_of_other_inputs(const Communicator& ranks, ItemStore& store, const std::vector<Item>& items,
                          const TrainedModel& model, const LabelledData& data) {
  constexpr std::size_t looked_at = 64;
  constexpr double far = 6.0;
  std::string warning;
  together(ranks, [&] {
    const auto channels = static_cast<std::size_t>(store.shape().channels);
    const std::size_t step = std::max<std::size_t>(1, items.size() / looked_at);
    std::vector<double> sum(channels, 0.0);
    double count = 0;
    for (std::size_t i = 0; i < items.size(); i += step) {
      const auto values = store.get(items[i].id);
      const std::size_t cells = values->size() / channels;
      for (std::size_t k = 0; k < values->size(); ++k) sum[k / cells] += (*values)[k] / static_cast<double>(cells);
      count += 1.0;
    }
    for (std::size_t c = 0; c < channels && warning.empty(); ++c) {
      const double distance =
          (sum[c] / count - model.normalisation.mean[c]) / model.normalisation.standard_deviation[c];
      if (std::abs(distance) > far)
        warning = fmt::format(
            "{}: the mean of {} lies {:.3g} standard deviations from that of the training data: is it in the same "
            "unit?",
            data.files.front().string(),
            data.channel_names.empty() ? fmt::format("channel {}", c)
                                       : fmt::format("column '{}'", data.channel_names[c]),
            distance);
    }
  });
  if (!warning.empty()) log::warning("{}", warning);
}

/// Puts the outputs of an item's samples in their places, in own units.
void add_field(const Sampler& sampler, const ItemShape& shape, const TrainedModel& model, std::int64_t channels,
               std::span<const float> outputs, std::vector<float>& fields) {
  const std::size_t begin = fields.size();
  ItemShape target = shape;
  target.channels = channels;
  fields.resize(begin + target.values(), 0.0F);
  const std::span<float> field = std::span<float>(fields).subspan(begin);
  const auto scored = static_cast<std::size_t>(sampler.scored());
  const std::size_t width = outputs.size() / scored;
  for (std::size_t i = 0; i < scored; ++i)
    add_box(outputs.subspan(i * width, width), target, sampler.scored_cut(static_cast<std::int64_t>(i)), field);
  const auto cells = static_cast<std::size_t>(shape.cells());
  for (std::size_t k = 0; k < field.size(); ++k) {
    const std::size_t of = static_cast<std::size_t>(shape.channels) + k / cells;
    field[k] = static_cast<float>(field[k] * model.normalisation.standard_deviation[of] + model.normalisation.mean[of]);
  }
}

/// Throws Error naming the item when an output is not a number.
void check_finite(std::span<const float> outputs, const std::string& name, const TrainedModel& model) {
  for (const float value : outputs)
    if (!std::isfinite(value))
      fail("{}: the network of {} gives {} for it, expected finite numbers", name, model.file.string(), value);
}

void predict_items(const Communicator& ranks, const LabelledData& data, const TrainedModel& model,
                   neural::Network& network, Predictions& predictions) {
  const auto items = items_of(data.groups);
  std::unique_ptr<ItemStore> store;
  std::unique_ptr<Sampler> sampler;
  together(ranks, [&] {
    store = std::make_unique<ItemStore>(*data.source, 0.5);
    sampler = Sampler::make(model.dataset, store->shape());
    if (sampler->shape() != model.description.input)
      fail("{}: a sample of it is {}, the network of {} takes {}", data.files.front().string(), sampler->shape().text(),
           model.file.string(), model.description.input.text());
    if (model.prediction->is_field() && sampler->coverings() != 1)
      fail("{}: its network gives fields of slices, expected cubes or sub-cubes (dataset.sample)", model.file.string());
  });
  warn_of_other_inputs(ranks, *store, items, model, data);
  const auto scored = static_cast<std::size_t>(sampler->scored()), width = static_cast<std::size_t>(network.outputs());
  const std::size_t columns = model.prediction->columns().size(), of_item = scored * width;
  // In pieces whose outputs take 64 MB at most on every rank.
  const std::size_t most = std::max<std::size_t>(1, (std::size_t{1} << 24U) / of_item);
  for (std::size_t first = 0; first < items.size(); first += most) {
    const auto some = std::span(items).subspan(first, std::min(most, items.size() - first));
    const auto outputs = sample_outputs(ranks, *store, model.normalisation, *sampler, network, some);
    together(ranks, [&] {
      if (!ranks.is_root()) return;
      for (std::size_t i = 0; i < some.size(); ++i) {
        const auto of = std::span(outputs).subspan(i * of_item, of_item);
        predictions.names.push_back(data.name_of(some[i]));
        check_finite(of, predictions.names.back(), model);
        predictions.rows.resize(predictions.rows.size() + columns);
        model.prediction->read(of, static_cast<std::int64_t>(scored),
                               std::span<double>(predictions.rows).last(columns));
        if (model.prediction->is_field())
          add_field(*sampler, store->shape(), model,
                    static_cast<std::int64_t>(model.normalisation.mean.size()) - store->shape().channels, of,
                    predictions.fields);
      }
    });
  }
  const auto& extents = store->shape().extents;
  if (model.prediction->is_field())
    predictions.field_shape = {predictions.names.size(),
                               model.normalisation.mean.size() - static_cast<std::size_t>(store->shape().channels),
                               static_cast<std::uint64_t>(extents[0]), static_cast<std::uint64_t>(extents[1]),
                               static_cast<std::uint64_t>(extents[2])};
}

}  // namespace

void predict(const Communicator& ranks, const PredictRequest& request) {
  TrainedModel model;
  std::vector<LabelledData> inputs;
  std::optional<neural::Network> network;
  together(ranks, [&] {
    const bool is_run = std::filesystem::is_directory(request.model);
    model = read_trained_model(is_run ? request.model / "model.safetensors" : request.model);
    check_request(request, model);
    inputs = open_inputs(request, model);
    network.emplace(model.description, batch_for(model.description));
    network->import_tensors(model.tensors);
  });
  Predictions predictions;
  for (const auto& data : inputs) predict_items(ranks, data, model, *network, predictions);
  together(ranks, [&] {
    if (!ranks.is_root()) return;
    if (request.output.empty())
      print(csv_of(predictions, *model.prediction));
    else if (table_format(request.output) == TableFormat::hdf5)
      write_hdf5(request.output, predictions, model);
    else
      write_file_atomically(request.output, csv_of(predictions, *model.prediction));
  });
  if (!request.output.empty()) log::info("predict: {} items: {}", predictions.names.size(), request.output.string());
}

}  // namespace phiscope
