#pragma once
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_writer.hpp"
