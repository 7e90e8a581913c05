#include "array_data.hpp"

#include <optional>
#include <utility>

#include "array_source.hpp"
#include "parameter_table.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/data/file_pattern.hpp"

namespace phiscope {
namespace {

/// The arrays behind a list of inputs, or of targets.
struct Arrays {
  ItemShape shape;
  std::vector<std::vector<ArrayPiece>> items;  ///< with their channels
  std::vector<std::filesystem::path> files;
};

std::string extents_text(const ItemShape& shape) {
  const auto extents = std::span(shape.extents).last(static_cast<std::size_t>(shape.axes));
  return fmt::format("{}", fmt::join(extents, "×"));
}

/// Adds the channels of a file to those before it.
void add_channels(std::optional<ItemShape>& shape, const ItemShape& found, const std::filesystem::path& file,
                  const std::filesystem::path& first) {
  if (!shape) {
    shape = found;
    return;
  }
  if (shape->extents != found.extents)
    fail("{}: its {} are {}, those of {} are {}: expected the same grid", file.string(),
         found.axes == 2 ? "maps" : "cubes", extents_text(found), first.string(), extents_text(*shape));
  shape->channels += found.channels;
}

/// Every side as long: what is turned and rolled.
void require_equal_sides(const ItemShape& shape, const std::filesystem::path& file) {
  const auto n = shape.extents[2];
  if (shape.extents[1] != n || (shape.axes == 3 && shape.extents[0] != n))
    fail("{}: its {} are {}, expected as many values along each axis", file.string(),
         shape.axes == 2 ? "maps" : "cubes", extents_text(shape));
}

Arrays open_stacks(const DataSettings& data, const std::vector<std::string>& names, int axes) {
  Arrays arrays;
  std::optional<ItemShape> shape;
  for (const auto& name : names) {
    const auto file = data.root / name;
    const auto array = std::make_shared<const ArrayFile>(file, data.dataset);
    add_channels(shape, shape_in_file(*array, true, axes), file, data.root / names.front());
    if (arrays.items.empty()) arrays.items.resize(array->entries());
    if (array->entries() != arrays.items.size())
      fail("{}: it holds {} entries, {} holds {}: expected as many", file.string(), array->entries(),
           (data.root / names.front()).string(), arrays.items.size());
    for (std::uint64_t i = 0; i < array->entries(); ++i) arrays.items[i].push_back({file, i, array});
    arrays.files.push_back(file);
  }
  arrays.shape = *shape;
  require_equal_sides(arrays.shape, arrays.files.front());
  return arrays;
}

/// One item for each list of files; all files are there, and the first ones are looked into.
Arrays open_files(const DataSettings& data, const std::vector<std::vector<std::filesystem::path>>& items, int axes) {
  Arrays arrays;
  std::optional<ItemShape> shape;
  for (const auto& files : items) {
    auto& pieces = arrays.items.emplace_back();
    for (const auto& file : files) {
      require_regular_file(file);
      pieces.push_back({file, std::nullopt, nullptr});
      arrays.files.push_back(file);
    }
  }
  for (const auto& file : items.front())
    add_channels(shape, shape_in_file(ArrayFile(file, data.dataset), false, axes), file, items.front().front());
  arrays.shape = *shape;
  require_equal_sides(arrays.shape, arrays.files.front());
  return arrays;
}

bool is_pattern(const std::string& name) {
  return name.find('{') != std::string::npos;
}

/// Stacks, or files by pattern.
Arrays open_arrays(const DataSettings& data, const std::vector<std::string>& names, int axes) {
  if (!is_pattern(names.front())) return open_stacks(data, names, axes);
  if (data.seeds.empty())
    fail("data.seeds is empty: it lists what {{seed}} in the pattern '{}' stands for", names.front());
  std::vector<std::vector<std::filesystem::path>> items;
  for (const auto seed : data.seeds)
    items.push_back(files_of_item(data.root, names, data.redshifts, fmt::format("{}", seed), ""));
  return open_files(data, items, axes);
}

void check_inputs(const DataSettings& data, const std::string& kind) {
  if (data.inputs.empty()) fail("data.inputs is empty: data.kind {} needs the files of the network's input", kind);
  for (const auto& name : data.inputs)
    if (is_pattern(name) != is_pattern(data.inputs.front()))
      fail("data.inputs: '{}' is {}, '{}' is not: expected stacks alone or patterns alone", name,
           is_pattern(name) ? "a pattern" : "a stack", data.inputs.front());
}

void set_vectors(const DataSettings& data, ItemShape& shape) {
  if (!data.vectors) return;
  if (shape.axes != 3 || shape.channels % 3 != 0)
    fail("data.vectors is true, but there are {} channels of {}: expected three components of each vector",
         shape.channels, extents_text(shape));
  shape.vector_channels = true;
}

/// How each channel is normalised. Throws Error for a scaling that would mean something else than it says.
std::vector<Scaling> scaling_of_channels(const DataSettings& data, const ItemShape& shape) {
  if (data.scaling == Scaling::log)
    fail("data.scaling is log, which columns of a table have: of {} take data.transform log10",
         shape.axes == 2 ? "maps" : "cubes");
  if (shape.vector_channels && data.scaling != Scaling::standard && data.scaling != Scaling::none)
    fail(
        "data.scaling is neither standard nor none, but data.vectors is true: other scalings do not turn as vectors "
        "do");
  return std::vector<Scaling>(static_cast<std::size_t>(shape.channels), data.scaling);
}

/// The name of the first file of each item.
std::vector<std::string> names_of_files(const Arrays& arrays) {
  std::vector<std::string> names;
  for (const auto& pieces : arrays.items) names.push_back(pieces.front().file.string());
  return names;
}

/// Makes the arrays what the items' values come from.
void take_arrays(const DataSettings& data, Arrays arrays, LabelledData& result) {
  set_vectors(data, arrays.shape);
  result.item_word = arrays.shape.axes == 2 ? "map" : "cube";
  result.channel_scaling = scaling_of_channels(data, arrays.shape);
  result.files = std::move(arrays.files);
  result.source = std::make_unique<ArraySource>(arrays.shape, data.transform, data.dataset, std::move(arrays.items));
}

/// Items with their simulations, without labels.
LabelledData labelled(const DataSettings& data, Arrays arrays) {
  LabelledData result;
  const bool stacks = !is_pattern(data.inputs.front());
  const auto per_simulation = static_cast<std::size_t>(stacks ? data.per_simulation : 1);
  if (arrays.items.size() % per_simulation != 0)
    fail("{}: it holds {} entries, which are not {} for each simulation (data.per_simulation)",
         arrays.files.front().string(), arrays.items.size(), per_simulation);
  for (std::size_t i = 0; i < arrays.items.size(); ++i) {
    const std::uint64_t simulation = i / per_simulation;
    result.groups.push_back({{.group = stacks ? simulation : data.seeds[i],
                              .member = 0,
                              .key = i,
                              .id = {.group = 0, .within = i},
                              .label = simulation}});
  }
  result.group_word = "simulation";
  const std::string first = arrays.files.front().string();
  const auto names = stacks ? std::vector<std::string>() : names_of_files(arrays);
  result.name_of = [names, first](const Item& item) {
    return names.empty() ? fmt::format("{}, entry {}", first, item.id.within) : names[item.id.within];
  };
  take_arrays(data, std::move(arrays), result);
  return result;
}

std::vector<std::string> simulation_names(const DataSettings& data, const LabelledData& result) {
  std::vector<std::string> names;
  if (is_pattern(data.inputs.front())) {
    for (const auto seed : data.seeds) names.push_back(fmt::format("{}", seed));
  } else {
    for (std::uint64_t i = 0; i <= result.groups.back().front().label; ++i) names.push_back(fmt::format("{}", i));
  }
  return names;
}

LabelledData open_with_parameters(const DataSettings& data, const TaskSettings& task, int axes) {
  check_inputs(data, axes == 2 ? "maps" : "cubes");
  if (task.kind == "fields") fail("task.kind is fields, expected data.kind fields, which has data.targets");
  if (task.kind == "classification")
    fail("task.kind is classification, but data.kind {} has numbers for labels: data.kind pairs has classes",
         axes == 2 ? "maps" : "cubes");
  LabelledData result = labelled(data, open_arrays(data, data.inputs, axes));
  read_parameters(data, task, simulation_names(data, result), result);
  return result;
}

}  // namespace

LabelledData open_maps(const DataSettings& data, const TaskSettings& task) {
  return open_with_parameters(data, task, 2);
}

LabelledData open_cubes(const DataSettings& data, const TaskSettings& task) {
  return open_with_parameters(data, task, 3);
}

LabelledData open_unlabelled_arrays(const DataSettings& data, std::span<const std::filesystem::path> files, int axes,
                                    std::int64_t channels) {
  Arrays arrays;
  std::vector<std::string> names;
  std::vector<std::vector<ArrayPiece>> unfinished;
  std::int64_t gathered = 0;
  for (const auto& file : files) {
    const auto array = std::make_shared<const ArrayFile>(file, data.dataset);
    const auto rank = array->shape().size(), wanted = static_cast<std::size_t>(axes);
    const bool one_item = rank == wanted || (rank == wanted + 1 && channels > 1 &&
                                             array->shape().front() == static_cast<std::uint64_t>(channels));
    const ItemShape found = shape_in_file(*array, !one_item, axes);
    require_equal_sides(found, file);
    if (!arrays.files.empty() && found.extents != arrays.shape.extents)
      fail("{}: its {} are {}, those of {} are {}: expected the same grid", file.string(), axes == 2 ? "maps" : "cubes",
           extents_text(found), arrays.files.front().string(), extents_text(arrays.shape));
    arrays.shape = found;
    arrays.files.push_back(file);
    const std::uint64_t entries = one_item ? 1 : array->entries();
    if (gathered == 0) unfinished.assign(entries, {});
    if (unfinished.size() != entries)
      fail("{}: it holds {} items, the file of other channels before it {}: expected as many", file.string(), entries,
           unfinished.size());
    for (std::uint64_t i = 0; i < entries; ++i) {
      unfinished[i].push_back(one_item ? ArrayPiece{file, std::nullopt, nullptr} : ArrayPiece{file, i, array});
      if (gathered == 0) names.push_back(one_item ? file.string() : fmt::format("{}[{}]", file.string(), i));
    }
    gathered += found.channels;
    if (gathered > channels)
      fail("{}: it has {} channel{}, expected {} for each item, as the network takes", file.string(), found.channels,
           found.channels == 1 ? "" : "s", channels);
    if (gathered < channels) continue;
    for (auto& pieces : unfinished) arrays.items.push_back(std::move(pieces));
    gathered = 0;
  }
  if (gathered != 0)
    fail("{}: the last files have {} channels together, expected {} for each item, as the network takes",
         files.back().string(), gathered, channels);
  arrays.shape.channels = channels;
  LabelledData result;
  for (std::size_t i = 0; i < arrays.items.size(); ++i)
    result.groups.push_back({{.group = i, .member = 0, .key = i, .id = {.group = 0, .within = i}, .label = i}});
  result.name_of = [names](const Item& item) { return names[item.id.within]; };
  take_arrays(data, std::move(arrays), result);
  return result;
}

LabelledData open_fields(const DataSettings& data, const TaskSettings& task) {
  check_inputs(data, "fields");
  if (data.targets.empty()) fail("data.targets is empty: data.kind fields needs the files of what the network gives");
  if (task.kind != "fields") fail("task.kind is {}, expected fields for data.kind fields", task.kind);
  Arrays inputs = open_arrays(data, data.inputs, 3);
  const Arrays targets = open_arrays(data, data.targets, 3);
  if (targets.items.size() != inputs.items.size())
    fail("{}: it holds {} entries, {} holds {}: expected a target for each input", targets.files.front().string(),
         targets.items.size(), inputs.files.front().string(), inputs.items.size());
  if (targets.shape.extents != inputs.shape.extents)
    fail("{}: its cubes are {}, those of {} are {}: expected targets on the grid of the inputs",
         targets.files.front().string(), extents_text(targets.shape), inputs.files.front().string(),
         extents_text(inputs.shape));
  for (std::size_t i = 0; i < inputs.items.size(); ++i)
    inputs.items[i].insert(inputs.items[i].end(), targets.items[i].begin(), targets.items[i].end());
  inputs.files.insert(inputs.files.end(), targets.files.begin(), targets.files.end());
  inputs.shape.channels += targets.shape.channels;
  inputs.shape.target_channels = targets.shape.channels;
  if (data.vectors && targets.shape.channels % 3 != 0)
    fail("data.vectors is true, but the targets have {} channels, expected three components of each vector",
         targets.shape.channels);
  return labelled(data, std::move(inputs));
}

LabelledData open_classes(const DataSettings& data, const TaskSettings& task) {
  check_inputs(data, "pairs");
  if (task.kind != "classification")
    fail("task.kind is {}, expected classification for data.kind pairs, which has classes", task.kind);
  if (data.classes.size() < 2) fail("data.classes lists {} classes, expected two or more", data.classes.size());
  if (data.seeds.empty()) fail("data.seeds is empty: it lists the seeds of the study, which every class has");
  for (const auto& pattern : data.inputs)
    if (!has_place(pattern, "class") || !has_place(pattern, "seed"))
      fail("data.inputs: the pattern '{}' has no {{class}} or no {{seed}}, expected both", pattern);
  std::vector<std::vector<std::filesystem::path>> items;
  for (const auto seed : data.seeds)
    for (const auto& name : data.classes)
      items.push_back(files_of_item(data.root, data.inputs, data.redshifts, fmt::format("{}", seed), name));
  Arrays arrays = open_files(data, items, 3);
  LabelledData result;
  const std::size_t members = data.classes.size();
  for (std::size_t s = 0; s < data.seeds.size(); ++s) {
    auto& group = result.groups.emplace_back();
    for (std::size_t m = 0; m < members; ++m)
      group.push_back({.group = data.seeds[s],
                       .member = static_cast<std::int32_t>(m),
                       .key = s * members + m,
                       .id = {.group = 0, .within = s * members + m}});
  }
  result.classes = data.classes;
  result.group_word = "seed";
  result.name_of = [names = names_of_files(arrays)](const Item& item) { return names[item.id.within]; };
  take_arrays(data, std::move(arrays), result);
  return result;
}

}  // namespace phiscope
