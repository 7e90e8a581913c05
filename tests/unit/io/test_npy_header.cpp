#include <gtest/gtest.h>

#include "phiscope/io/npy_header.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

std::string with_header(std::string dictionary) {
  dictionary += '\n';
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(dictionary.size() & 255U);
  bytes += static_cast<char>(dictionary.size() >> 8U);
  return bytes + dictionary;
}

NpyHeader header_of(const std::string& dictionary) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", with_header(dictionary));
  return read_npy_header(folder / "a.npy");
}

TEST(NpyHeader, EveryWayOfWritingItIsRead) {
  for (const auto* text : {"{'descr': '<f4', 'fortran_order': False, 'shape': (8, 8, 8), }",
                           "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (8, 8, 8)}",
                           "{'shape':(8L,8L,8L,),'fortran_order':False,'descr':'<f4'}   ",
                           "  { 'fortran_order' : False , 'shape' : ( 8 , 8 , 8 ) , 'descr' : '<f4' }"}) {
    const NpyHeader header = header_of(text);
    EXPECT_EQ(header.type, "<f4") << text;
    EXPECT_FALSE(header.fortran_order) << text;
    EXPECT_EQ(header.shape, (std::vector<std::uint64_t>{8, 8, 8})) << text;
  }
  EXPECT_TRUE(header_of("{'descr': '<f8', 'fortran_order': True, 'shape': (), }").fortran_order);
}

TEST(NpyHeader, WhatTheFormatDoesNotAllowIsRefused) {
  const auto problem = [](const std::string& text) { return error_of([&] { header_of(text); }); };
  const std::string order = "'fortran_order': False, ", shape = "'shape': (8, 8, 8), ", type = "'descr': '<f4', ";
  EXPECT_TRUE(contains(problem("{" + type + order + shape + "'shape': (4, 4, 4), }"), "says 'shape' twice"));
  EXPECT_TRUE(
      contains(problem("{" + type + shape + "'fortran_order': Maybe, }"), "'Maybe, }', expected True or False"));
  EXPECT_TRUE(contains(problem("{" + type + order + shape + "'extra': 3, }"), "entry 'extra'"));
  EXPECT_TRUE(contains(problem("{" + type + order + shape + "} + {}"), "expected nothing behind"));
  EXPECT_TRUE(contains(problem("{" + type + order + "}"), "has no 'shape'"));
  EXPECT_TRUE(contains(problem("{" + type + order + "'shape': ((8, 8), 8), }"), "not made of numbers"));
  EXPECT_TRUE(contains(problem("{" + type + order + "'shape': (-8, 8, 8), }"), "not made of numbers"));
  EXPECT_TRUE(contains(problem("{" + type + order + "'shape': (8 8 8), }"), "expected ',' or ')'"));
  EXPECT_TRUE(contains(problem("{" + type + order + "'shape': 8, }"), "expected a tuple"));
  EXPECT_TRUE(contains(problem("{'descr': [('x', '<f4')], " + order + shape + "}"), "structures"));
  EXPECT_TRUE(contains(problem("{'descr': '<f4"), "cut short"));
  EXPECT_TRUE(contains(problem("[]"), "expected a dictionary"));
}

}  // namespace
}  // namespace phiscope
