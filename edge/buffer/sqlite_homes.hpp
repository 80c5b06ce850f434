// The buffer's file on the disk, and its refuge in memory.
#pragma once

#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/residence.hpp"

namespace anlan::edge {

class SqliteHomes final : public Homes {
 public:
  SqliteHomes(std::string file, std::string edge, BufferKeys keys)
      : file_(std::move(file)), edge_(std::move(edge)), keys_(std::move(keys)) {}

  Result<std::unique_ptr<Storage>> open_home() override;
  Result<std::unique_ptr<Storage>> open_refuge() override;
  Result<void> probe() const override;

 private:
  std::string file_, edge_;
  BufferKeys keys_;
};

}  // namespace anlan::edge
