// The buffer's file on the disk, and the file of its refuge in a folder that lies in memory (tmpfs).
#pragma once

#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/residence.hpp"

namespace anlan::edge {

class SqliteHomes final : public Homes {
 public:
  /// `refuge` empty: there is none.
  SqliteHomes(std::string file, std::string refuge, std::string edge, BufferKeys keys = {})
      : file_(std::move(file)), refuge_(std::move(refuge)), edge_(std::move(edge)), keys_(std::move(keys)) {}

  Result<std::unique_ptr<Storage>> open_home() override;
  Result<std::unique_ptr<Storage>> open_refuge() override;
  bool refuge_in_use() const override;
  void clear_refuge() override;

 private:
  std::string file_, refuge_, edge_;
  BufferKeys keys_;
};

}  // namespace anlan::edge
