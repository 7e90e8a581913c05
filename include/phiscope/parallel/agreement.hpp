#pragma once
#include <exception>
#include <functional>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: throws AgreedError with the message of the lowest failing rank on all ranks when any rank brings a
/// problem (anything but a null pointer); returns on all ranks otherwise. An AgreedError passes through unchanged
/// only where every rank brings one.
void agree(const Communicator& ranks, const std::exception_ptr& problem);

/// Does `work` on this rank, then agrees with the others on how it ended. `work` must not communicate over `ranks`.
/// So a bad file that one rank meets ends all of them, with one message and no hang.
void together(const Communicator& ranks, const std::function<void()>& work);

}  // namespace phiscope
