#include "phiscope/io/data_table.hpp"

#include <gtest/gtest.h>

#include <span>

#include "fabricated_cube.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

DataTable table_of(const std::string& text, const Names& names = {}, const std::string& file = "a.csv") {
  const TemporaryFolder folder;
  test::write_bytes(folder / file, text);
  return read_data_table(folder / file, "", names);
}

/// What reading a text, or a column of it, says.
std::string problem_of(const std::string& text, const std::string& column = "") {
  return error_of([&] {
    const DataTable table = table_of(text);
    if (!column.empty()) (void)table.numbers(column);
  });
}

TEST(DataTable, ColumnsAreNamedByTheFirstLine) {
  const auto table = table_of("u,g,class\n1.5,2e3,STAR\n-4,+0.25,GALAXY\n");
  EXPECT_EQ(table.names(), (Names{"u", "g", "class"}));
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.numbers("u"), (Numbers{1.5, -4}));
  EXPECT_EQ(table.words("class"), (Names{"STAR", "GALAXY"}));
  EXPECT_TRUE(table.is_of_words("class"));
  EXPECT_FALSE(table.is_of_words("g"));
}

TEST(DataTable, EverySeparatorIsKnown) {
  for (const std::string separator : {",", ";", "\t", " ", "  ", " , "}) {
    const auto table = table_of("a" + separator + "b\n1" + separator + "2\n3" + separator + "4\n");
    EXPECT_EQ(table.names(), (Names{"a", "b"})) << '"' << separator << '"';
    EXPECT_EQ(table.numbers("b"), (Numbers{2, 4})) << '"' << separator << '"';
  }
}

TEST(DataTable, MarksAndLineEndsOfSpreadsheetsAreNoPartOfTheWords) {
  const auto table = table_of("\xEF\xBB\xBF\"name\",x\r\nfirst,1\r\n\r\nsecond,2");
  EXPECT_EQ(table.names(), (Names{"name", "x"}));
  EXPECT_EQ(table.words("name"), (Names{"first", "second"}));
  EXPECT_EQ(table.numbers("x"), (Numbers{1, 2}));
}

TEST(DataTable, QuotesKeepSeparatorsAndQuotes) {
  const auto table = table_of("name,\"x, in Mpc\"\n\"Hubble, \"\"Edwin\"\"\",1\nplain, \"2\" \n");
  EXPECT_EQ(table.names(), (Names{"name", "x, in Mpc"}));
  EXPECT_EQ(table.words("name"), (Names{"Hubble, \"Edwin\"", "plain"}));
  EXPECT_EQ(table.numbers("x, in Mpc"), (Numbers{1, 2}));
}

TEST(DataTable, AnEmptyValueBeforeAQuoteStaysAValue) {
  const auto table = table_of("a\tb\tc\n\t\"x\"\t1\n2\t\t\"y\"\n");
  EXPECT_EQ(table.words("c"), (Names{"1", "y"}));
  EXPECT_TRUE(contains(error_of([&] { (void)table.words("a"); }), "column 'a' has no value"));
}

TEST(DataTable, QuotesThatDoNotCloseOrAreFollowedByTextAreRefused) {
  EXPECT_TRUE(contains(problem_of("a,b\n\"x,1\n"), "a.csv:2: a quote is not closed"));
  EXPECT_TRUE(contains(problem_of("a,b\n\"x\"y,1\n"), "a.csv:2: found 'y' behind a closing quote"));
}

TEST(DataTable, TheCommentAboveTheRowsNamesTheColumns) {
  // As the parameters of CAMELS.
  const auto table = table_of(
      "# one line for each simulation\n#Omega_m sigma_8 A_SN1\n0.309 0.979 3.11\n"
      "# a comment among the rows\n0.1 0.8 1\n",
      {}, "params.txt");
  EXPECT_EQ(table.names(), (Names{"Omega_m", "sigma_8", "A_SN1"}));
  EXPECT_EQ(table.numbers("sigma_8"), (Numbers{0.979, 0.8}));
}

TEST(DataTable, CommentsThatNameNothingAreSkipped) {
  EXPECT_EQ(table_of("# 1 2\n1 2\n").names(), (Names{"column_1", "column_2"}));
  EXPECT_EQ(table_of("# made by hand\n1 2\n").names(), (Names{"column_1", "column_2"}));
  EXPECT_EQ(table_of("# \"a quote, that does not close\n1,2\n").names(), (Names{"column_1", "column_2"}));
  EXPECT_EQ(table_of("# \"fits\" well, and looks so\n1,2\n").names(), (Names{"column_1", "column_2"}));
}

TEST(DataTable, ColumnsWithoutAHeaderAreCounted) {
  const auto table = table_of("1,2,3\n4,5,6\n");
  EXPECT_EQ(table.names(), (Names{"column_1", "column_2", "column_3"}));
  EXPECT_EQ(table.numbers("column_3"), (Numbers{3, 6}));
}

TEST(DataTable, AColumnWithoutANameAmongOthersIsCounted) {
  // As pandas writes its index.
  const auto table = table_of(",x\n0,1.5\n1,2.5\n");
  EXPECT_EQ(table.names(), (Names{"column_1", "x"}));
}

TEST(DataTable, NamesThatAreGivenTakeThePlaceOfItsOwn) {
  EXPECT_EQ(table_of("1 2\n", {"h", "n_s"}).numbers("n_s"), Numbers{2});
  EXPECT_EQ(table_of("a b\n1 2\n", {"h", "n_s"}).names(), (Names{"h", "n_s"}));
  EXPECT_TRUE(
      contains(error_of([] { table_of("1 2\n", {"h"}); }), "has 2 columns, but 1 names are given for them (h)"));
}

TEST(DataTable, NamesAWrongColumnAndTheNearestOne) {
  const auto table = table_of("redshift,distance\n1,2\n");
  const auto problem = error_of([&] { (void)table.numbers("redshfit"); });
  EXPECT_TRUE(contains(problem, "there is no column 'redshfit'; it has redshift, distance (did you mean 'redshift'?)"))
      << problem;
  EXPECT_TRUE(table.has("distance"));
  EXPECT_FALSE(table.has("redshfit"));
}

TEST(DataTable, NamesTheRowOfAMissingValue) {
  for (const std::string missing : {"", "nan", "NaN", "NA", "n/a", "null", "None", "inf"}) {
    const auto problem = problem_of("# \n\nx,y\n1,2\n\n3," + missing + "\n5,\n", "y");
    EXPECT_TRUE(contains(problem, "a.csv:6: column 'y' has no finite value (found '" + missing + "'); 2 of its 3 rows"))
        << problem;
  }
}

TEST(DataTable, NamesTheRowOfAWordWhereANumberIsWanted) {
  const auto problem = problem_of("x,y\n1,2\n3,four\n", "y");
  EXPECT_TRUE(contains(problem, "a.csv:3: column 'y' holds 'four', expected a number")) << problem;
  EXPECT_TRUE(contains(problem_of("x,y\n1,2 3\n", "y"), "holds '2 3', expected a number"));
}

TEST(DataTable, NamesARowOfAnotherLength) {
  EXPECT_TRUE(contains(problem_of("x,y\n1,2\n3\n"), "a.csv:3: found 1 values, expected 2 as in the line that names"));
  EXPECT_TRUE(contains(problem_of("1 2\n3 4 5\n"), "a.csv:2: found 3 values, expected 2 as in the rows above"));
}

TEST(DataTable, TwoColumnsOfOneNameAreRefused) {
  EXPECT_TRUE(contains(problem_of("x,y,x\n1,2,3\n"), "two columns are called 'x'"));
}

TEST(DataTable, AFileWithoutRowsIsRefused) {
  for (const std::string text : {"", "\n\n", "x,y\n", "# x y\n", "\xEF\xBB\xBF"})
    EXPECT_TRUE(contains(problem_of(text), "a.csv: it holds no row of values")) << text;
}

TEST(DataTable, SaysWhereARowStands) {
  EXPECT_TRUE(table_of("x\n\n1\n# \n2\n").place(1).ends_with("a.csv:5"));
}

TEST(DataTable, ANumpyArrayIsRowsAndColumns) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes<float>("<f4", {1, 2, 3, 4, 5, 6}, "(2, 3)"));
  const auto table = read_data_table(folder / "a.npy", "", {"a", "b", "c"});
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.numbers("b"), (Numbers{2, 5}));
  EXPECT_EQ(table.words("b"), (Names{"2", "5"}));
  EXPECT_TRUE(table.place(1).ends_with("a.npy, row 1"));
  EXPECT_EQ(read_data_table(folder / "a.npy").names(), (Names{"column_1", "column_2", "column_3"}));
}

TEST(DataTable, AnArrayOfMoreAxesIsNoTable) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes<float>("<f4", {1, 2, 3, 4}, "(2, 2, 1)"));
  EXPECT_TRUE(contains(error_of([&] { read_data_table(folder / "a.npy"); }), "2×2×1, expected a table"));
}

TEST(DataTable, DatasetsOfOneAxisAreColumns) {
  const TemporaryFolder folder;
  Hdf5Writer writer(folder / "a.h5");
  writer.write("z", Numbers{0.5, 1.5}, {2}, "", "");
  writer.write("id", std::vector<std::int64_t>{7, 8}, {2}, "", "");
  writer.write_strings("class", Names{"QSO", "STAR"}, "");
  writer.write("image", Numbers(8), {2, 4}, "", "");
  writer.commit();
  const auto table = read_data_table(folder / "a.h5");
  EXPECT_EQ(table.names(), (Names{"class", "id", "z"}));
  EXPECT_EQ(table.numbers("z"), (Numbers{0.5, 1.5}));
  EXPECT_EQ(table.words("class"), (Names{"QSO", "STAR"}));
  EXPECT_EQ(table.words("id"), (Names{"7", "8"}));
}

TEST(DataTable, DatasetsOfOtherLengthsAreRefused) {
  const TemporaryFolder folder;
  Hdf5Writer writer(folder / "a.h5");
  writer.write("a", Numbers{1, 2}, {2}, "", "");
  writer.write("b", Numbers{1, 2, 3}, {3}, "", "");
  writer.commit();
  EXPECT_TRUE(contains(error_of([&] { read_data_table(folder / "a.h5"); }), "has 3 rows and 'a' has 2"));
}

TEST(DataTable, TheOnlyDatasetOfTwoAxesIsATable) {
  const TemporaryFolder folder;
  Hdf5Writer writer(folder / "a.h5");
  writer.write("rows", Numbers{1, 2, 3, 4, 5, 6}, {3, 2}, "", "");
  writer.write("redshift", Numbers{0.5}, {}, "", "");
  writer.write("cube", Numbers(8), {2, 2, 2}, "", "");
  writer.commit();
  EXPECT_EQ(read_data_table(folder / "a.h5").numbers("column_2"), (Numbers{2, 4, 6}));
  EXPECT_EQ(read_data_table(folder / "a.h5", "rows", {"x", "y"}).numbers("x"), (Numbers{1, 3, 5}));
}

TEST(DataTable, ACopyOutlivesWhatItWasCopiedFrom) {
  auto table = std::make_unique<DataTable>(table_of("name,x\n\"a, b\",1\n"));
  const DataTable copy = *table;
  table.reset();
  EXPECT_EQ(copy.words("name"), Names{"a, b"});
}

}  // namespace
}  // namespace phiscope
