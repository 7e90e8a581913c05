#include "gathered_json.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace phiscope {

std::vector<nlohmann::json> gathered(const Communicator& ranks, const nlohmann::json& mine) {
  std::vector<nlohmann::json> all;
  for (int rank = 0; rank < ranks.size(); ++rank) {
    std::string bytes;
    if (rank == ranks.rank()) nlohmann::json::to_msgpack(mine, bytes);
    for (auto& item : nlohmann::json::from_msgpack(ranks.broadcast(std::move(bytes), rank)))
      all.push_back(std::move(item));
  }
  return all;
}

}  // namespace phiscope
