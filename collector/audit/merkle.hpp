// A Merkle tree over the entries of the log, in the manner of RFC 6962 section 2.1 (RFC 9162 has the checking
// algorithms): a leaf is SHA-256(0x00, entry), a node SHA-256(0x01, left, right); what a tree of n leaves splits off to
// the left is the largest power of two below n. Nodes of complete subtrees never change, so they are stored once and
// everything else is worked out of O(log n) of them. Pure.
//
// A complete subtree is named by (level, index): the leaves index·2^level … (index+1)·2^level − 1.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "common/io/sha256.hpp"

namespace anlan::collector {

Sha256 leaf_hash(std::string_view entry);
Sha256 node_hash(const Sha256& left, const Sha256& right);

/// Gives the hash of a complete subtree; what it throws passes through.
using NodeReader = std::function<Sha256(unsigned level, std::uint64_t index)>;

/// The hashes of the subtrees that leaf `number` completes: itself first, then upwards; at most 1 + log2 of them, two
/// on average. Node (level, index) is therefore at place `level` of those of leaf (index+1)·2^level − 1.
std::vector<Sha256> completed_by(std::uint64_t number, const Sha256& leaf, const NodeReader& node);
constexpr std::uint64_t completing_leaf(unsigned level, std::uint64_t index) { return ((index + 1) << level) - 1; }

/// Root of the tree of the first `size` leaves; of none SHA-256 of nothing.
Sha256 root_of(std::uint64_t size, const NodeReader& node);

/// That leaf `number` is in the tree of `size` leaves: its siblings, from the leaf upwards. Needs number < size.
std::vector<Sha256> inclusion_path(std::uint64_t number, std::uint64_t size, const NodeReader& node);
bool proves_inclusion(const Sha256& leaf, std::uint64_t number, std::uint64_t size, const std::vector<Sha256>& path,
                      const Sha256& root);

/// That the tree of `size` leaves begins with that of `before`. Needs before <= size; empty where before is 0 or size.
std::vector<Sha256> consistency_path(std::uint64_t before, std::uint64_t size, const NodeReader& node);
bool proves_consistency(std::uint64_t before, std::uint64_t size, const Sha256& root_before, const Sha256& root,
                        const std::vector<Sha256>& path);

/// The tree as it grows, in O(log n) memory: what a reader of a log without its database needs.
class MerkleFrontier {
 public:
  void append(const Sha256& leaf);
  std::uint64_t size() const { return size_; }
  Sha256 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Sha256> peaks_;  // of the complete subtrees of `size_` in binary, the largest first
};

}  // namespace anlan::collector
