// The tree against the numbers of RFC 6962's reference implementation, and every proof of every small tree.
#include "collector/audit/merkle.hpp"

#include <random>

#include <gtest/gtest.h>

#include "common/base/hex.hpp"

namespace anlan::collector {
namespace {

/// A tree as the log stores it: for each leaf the nodes that it completed.
class StoredTree {
 public:
  void add(std::string_view entry) {
    const auto leaf = leaf_hash(entry);
    rows_.push_back(completed_by(rows_.size(), leaf, reader()));
    leaves_.push_back(leaf);
  }
  NodeReader reader() {
    return [this](unsigned level, std::uint64_t index) {
      ++reads_;
      return rows_.at(completing_leaf(level, index)).at(level);
    };
  }
  /// RFC 6962 section 2.1, to the letter.
  Sha256 slow_root(std::size_t begin, std::size_t size) const {
    if (size == 0) return sha256("");
    if (size == 1) return leaves_.at(begin);
    std::size_t left = 1;
    while (left * 2 < size) left *= 2;
    return node_hash(slow_root(begin, left), slow_root(begin + left, size - left));
  }
  const Sha256& leaf(std::size_t number) const { return leaves_.at(number); }
  int reads() { return std::exchange(reads_, 0); }

 private:
  std::vector<std::vector<Sha256>> rows_;
  std::vector<Sha256> leaves_;
  int reads_ = 0;
};

TEST(MerkleTree, HasTheRootsOfTheReferenceImplementation) {
  const char* leaves[] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const char* roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  StoredTree tree;
  MerkleFrontier frontier;
  EXPECT_EQ(to_hex(frontier.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(root_of(0, tree.reader())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::uint64_t i = 0; i < std::size(leaves); ++i) {
    const auto entry = from_hex(leaves[i]).value();
    tree.add(entry);
    frontier.append(leaf_hash(entry));
    EXPECT_EQ(to_hex(root_of(i + 1, tree.reader())), roots[i]);
    EXPECT_EQ(to_hex(frontier.root()), roots[i]);
    EXPECT_EQ(frontier.size(), i + 1);
  }
}

class MerkleProofs : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kLeaves = 70;
  MerkleProofs() {
    for (std::uint64_t i = 0; i < kLeaves; ++i) tree_.add("entry " + std::to_string(i));
  }
  Sha256 root(std::uint64_t size) { return root_of(size, tree_.reader()); }
  StoredTree tree_;
};

TEST_F(MerkleProofs, RootsOfEverySizeAreTheRfcs) {
  for (std::uint64_t size = 0; size <= kLeaves; ++size) EXPECT_EQ(root(size), tree_.slow_root(0, size)) << size;
}

TEST_F(MerkleProofs, EveryLeafIsProvedInEveryTreeAndNowhereElse) {
  for (std::uint64_t size = 1; size <= kLeaves; ++size)
    for (std::uint64_t number = 0; number < size; ++number) {
      const auto path = inclusion_path(number, size, tree_.reader());
      ASSERT_TRUE(proves_inclusion(tree_.leaf(number), number, size, path, root(size))) << number << " of " << size;
      EXPECT_FALSE(proves_inclusion(tree_.leaf((number + 1) % kLeaves), number, size, path, root(size)));
      EXPECT_FALSE(proves_inclusion(tree_.leaf(number), number, size, path, root(size - 1)));
      auto longer = path, shorter = path;
      longer.push_back(tree_.leaf(0));
      EXPECT_FALSE(proves_inclusion(tree_.leaf(number), number, size, longer, root(size)));
      if (shorter.empty()) continue;
      shorter.pop_back();
      EXPECT_FALSE(proves_inclusion(tree_.leaf(number), number, size, shorter, root(size)));
    }
  EXPECT_FALSE(proves_inclusion(tree_.leaf(0), 1, 1, {}, root(1))) << "no such leaf";
}

TEST_F(MerkleProofs, EveryTreeIsProvedToBeginEveryLaterOneAndNoOther) {
  for (std::uint64_t size = 0; size <= kLeaves; ++size)
    for (std::uint64_t before = 0; before <= size; ++before) {
      const auto path = consistency_path(before, size, tree_.reader());
      ASSERT_TRUE(proves_consistency(before, size, root(before), root(size), path)) << before << " of " << size;
      if (before == 0) continue;
      auto other = root(before);
      other[7] ^= 1;
      EXPECT_FALSE(proves_consistency(before, size, other, root(size), path)) << before << " of " << size;
      other = root(size);
      other[7] ^= 1;
      EXPECT_FALSE(proves_consistency(before, size, root(before), other, path)) << before << " of " << size;
      auto longer = path;
      longer.push_back(tree_.leaf(0));
      EXPECT_FALSE(proves_consistency(before, size, root(before), root(size), longer));
    }
  EXPECT_FALSE(proves_consistency(5, 4, root(5), root(4), {}));
}

TEST(MerkleTree, AppendingAndProvingReadALogarithmOfNodes) {
  StoredTree tree;
  constexpr std::uint64_t kMany = 1 << 14;
  int most = 0, all = 0;
  for (std::uint64_t i = 0; i < kMany + 4321; ++i) {
    tree.add("x");
    const int reads = tree.reads();
    most = std::max(most, reads);
    all += reads;
  }
  EXPECT_LE(most, 14);
  EXPECT_LE(all, static_cast<int>(kMany + 4321)) << "one on average";
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t size = 1 + random() % (kMany + 4321), number = random() % size;
    inclusion_path(number, size, tree.reader());
    EXPECT_LE(tree.reads(), 2 * 15);
    consistency_path(number, size, tree.reader());
    EXPECT_LE(tree.reads(), 2 * 15);
    root_of(size, tree.reader());
    EXPECT_LE(tree.reads(), 15);
  }
}

}  // namespace
}  // namespace anlan::collector
