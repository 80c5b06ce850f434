#include "common/config/document.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

const Node* at(const Node& table, std::string_view key) {
  for (const Entry& entry : std::get<Node::Table>(table.value))
    if (entry.key == key) return &entry.node;
  return nullptr;
}

TEST(Document, KeepsOrderAndLinesOfTheFile) {
  const auto document = Document::parse("z = 1\n\n[b]\nx = 'text'\n[[a]]\n[[a]]\ny = [1,\n 2.5]\n", "f.toml");
  ASSERT_TRUE(document);
  const auto& entries = std::get<Node::Table>(document->root().value);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].key, "z");
  EXPECT_EQ(entries[1].key, "b");
  EXPECT_EQ(entries[1].node.line, 3);
  EXPECT_EQ(at(entries[1].node, "x")->line, 4);
  EXPECT_EQ(std::get<std::string>(at(entries[1].node, "x")->value), "text");
  const auto& list = std::get<Node::List>(entries[2].node.value);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].line, 5);
  EXPECT_EQ(list[1].line, 6);
  const auto& numbers = std::get<Node::List>(at(list[1], "y")->value);
  EXPECT_EQ(std::get<std::int64_t>(numbers[0].value), 1);
  EXPECT_EQ(std::get<double>(numbers[1].value), 2.5);
}

TEST(Document, ReportsOneSyntaxFaultWithItsLine) {
  const auto document = Document::parse("a = 1\nb = = 2\nc = = 3\n", "f.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 2);
  EXPECT_EQ(document.error().file, "f.toml");
  EXPECT_TRUE(document.error().what.starts_with("syntax: ")) << document.error().what;
}

TEST(Document, SyntaxFaultsAreOneLineWhateverTheFileHolds) {
  const auto document = Document::parse("a.f = i\nxfn\n[]a.f = inf\n[[x]]\n", "f.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().what.find('\n'), std::string::npos) << document.error().what;
}

TEST(Document, RefusesAKeyGivenTwice) {
  const auto document = Document::parse("a = 1\nb = 2\na = 3\n", "f.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 3);
}

TEST(Document, RefusesWhatIsNotUtf8) { EXPECT_FALSE(Document::parse("a = \"\xff\xfe\"\n", "f.toml")); }

TEST(Document, BoundsSizeAndNesting) {
  EXPECT_FALSE(Document::parse(std::string(Document::kMaxBytes + 1, '\n'), "f.toml"));
  std::string dotted = "a = 1\nb";
  while (dotted.size() < Document::kMaxLine + 10) dotted += ".b";
  const auto document = Document::parse(dotted + " = 1\n", "f.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 2);
  EXPECT_FALSE(Document::parse("a = " + std::string(2000, '['), "f.toml"));
}

TEST(Document, SaysWhyAFileCannotBeRead) {
  const auto missing = Document::load("/nonexistent/edge.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().what, "cannot be opened: No such file or directory");
  EXPECT_EQ(missing.error().line, 0);
  const test::TempDir folder;
  EXPECT_FALSE(Document::load(folder.path().string()));
}

}  // namespace
}  // namespace anlan
