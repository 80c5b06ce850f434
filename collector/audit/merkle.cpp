#include "collector/audit/merkle.hpp"

#include <bit>

namespace anlan::collector {
namespace {

using Path = std::vector<Sha256>;

/// Of the leaves begin … begin+size−1, where they are a subtree of the whole: begin is a multiple of a power of two
/// that is at least `size`.
Sha256 subtree(std::uint64_t begin, std::uint64_t size, const NodeReader& node) {
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return node(level, begin >> level);
  }
  const std::uint64_t left = std::bit_floor(size);
  return node_hash(subtree(begin, left, node), subtree(begin + left, size - left, node));
}

/// The largest power of two below `size`, which is at least 2.
std::uint64_t split(std::uint64_t size) { return std::bit_floor(size - 1); }

void inclusion(std::uint64_t number, std::uint64_t begin, std::uint64_t size, const NodeReader& node, Path& path) {
  if (size == 1) return;
  const std::uint64_t left = split(size);
  if (number - begin < left) {
    inclusion(number, begin, left, node, path);
    path.push_back(subtree(begin + left, size - left, node));
  } else {
    inclusion(number, begin + left, size - left, node, path);
    path.push_back(subtree(begin, left, node));
  }
}

/// SUBPROOF of RFC 6962; `known`: the tree of `before` leaves is one that the asker has the root of.
void consistency(std::uint64_t before, std::uint64_t begin, std::uint64_t size, bool known, const NodeReader& node,
                 Path& path) {
  if (before == size) {
    if (!known) path.push_back(subtree(begin, size, node));
    return;
  }
  const std::uint64_t left = split(size);
  if (before <= left) {
    consistency(before, begin, left, known, node, path);
    path.push_back(subtree(begin + left, size - left, node));
  } else {
    consistency(before - left, begin + left, size - left, false, node, path);
    path.push_back(subtree(begin, left, node));
  }
}

}  // namespace

Sha256 leaf_hash(std::string_view entry) { return sha256({std::string_view("\x00", 1), entry}); }

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  return sha256({std::string_view("\x01", 1), as_bytes(left), as_bytes(right)});
}

Path completed_by(std::uint64_t number, const Sha256& leaf, const NodeReader& node) {
  Path completed{leaf};
  for (unsigned level = 0; number >> level & 1; ++level)
    completed.push_back(node_hash(node(level, (number >> level) - 1), completed.back()));
  return completed;
}

Sha256 root_of(std::uint64_t size, const NodeReader& node) { return size == 0 ? sha256("") : subtree(0, size, node); }

Path inclusion_path(std::uint64_t number, std::uint64_t size, const NodeReader& node) {
  Path path;
  inclusion(number, 0, size, node, path);
  return path;
}

bool proves_inclusion(const Sha256& leaf, std::uint64_t number, std::uint64_t size, const Path& path,
                      const Sha256& root) {
  if (number >= size) return false;
  Sha256 hash = leaf;
  std::uint64_t place = number, last = size - 1;
  for (const Sha256& sibling : path) {
    if (last == 0) return false;
    if (place & 1 || place == last) {
      hash = node_hash(sibling, hash);
      while (!(place & 1) && place != 0) place >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, sibling);
    }
    place >>= 1, last >>= 1;
  }
  return last == 0 && hash == root;
}

Path consistency_path(std::uint64_t before, std::uint64_t size, const NodeReader& node) {
  Path path;
  if (before != 0 && before != size) consistency(before, 0, size, true, node, path);
  return path;
}

bool proves_consistency(std::uint64_t before, std::uint64_t size, const Sha256& root_before, const Sha256& root,
                        const Path& path) {
  if (before > size) return false;
  if (before == size) return path.empty() && root_before == root;
  if (before == 0) return path.empty() && root_before == sha256("");
  std::uint64_t place = before - 1, last = size - 1;
  while (place & 1) place >>= 1, last >>= 1;
  auto next = path.begin();
  if (place != 0 && next == path.end()) return false;
  // Where `before` is a power of two, its root is the first node itself.
  Sha256 old_hash = place != 0 ? *next : root_before, new_hash = old_hash;
  if (place != 0) ++next;
  for (; next != path.end(); ++next) {
    if (last == 0) return false;
    if (place & 1 || place == last) {
      old_hash = node_hash(*next, old_hash);
      new_hash = node_hash(*next, new_hash);
      while (!(place & 1) && place != 0) place >>= 1, last >>= 1;
    } else {
      new_hash = node_hash(new_hash, *next);
    }
    place >>= 1, last >>= 1;
  }
  return last == 0 && old_hash == root_before && new_hash == root;
}

void MerkleFrontier::append(const Sha256& leaf) {
  Sha256 hash = leaf;
  for (std::uint64_t rest = size_; rest & 1; rest >>= 1) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Sha256 MerkleFrontier::root() const {
  if (peaks_.empty()) return sha256("");
  Sha256 hash = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak) hash = node_hash(*peak, hash);
  return hash;
}

}  // namespace anlan::collector
