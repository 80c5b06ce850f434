// What stands between a byte stream and values: only a frame that answers the request under way gets through. Late,
// doubled, stray, foreign, cut and mangled ones are dropped, each counted by its kind. Pure.
//
// Modbus TCP (also inside TLS) names the transaction, so any order of frames can be told apart. RTU frames do not: an
// answer that comes late looks like one to the next request of the same unit. A unit that owes an answer is therefore
// `doubtful` until it has answered something that nothing else looks like (see ModbusSession).
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "edge/sensor/modbus_pdu.hpp"

namespace anlan::edge {

class ModbusGuard {
 public:
  /// Called for each frame that is dropped: "late", "doubled", "stray", "wrong-unit", "garbage".
  using Dropped = std::function<void(std::string_view kind)>;

  explicit ModbusGuard(Dropped dropped) : dropped_(std::move(dropped)) {}
  virtual ~ModbusGuard() = default;

  /// The frame that asks. Whatever was fed before it cannot be its answer and is dropped.
  virtual Bytes ask(int unit, ByteView pdu, MonoTime now) = 0;

  /// Bytes in the order of their arrival, in any cut.
  void feed(ByteView bytes) { received_.insert(received_.end(), bytes.begin(), bytes.end()); }

  /// The answer's pdu; nothing: more must come. `silent`: nothing came for as long as frames are apart. An error ends
  /// the request: malformed.
  virtual BusResult<std::optional<Bytes>> next(bool silent) = 0;

  /// Nothing more is waited for. What is known about the answer that did not come: no_answer, or malformed where
  /// something came that is none.
  virtual BusError give_up() = 0;

  /// A new connection: nothing of the old one comes any more.
  virtual void reset() { received_.clear(); }

  /// False where the stream cannot be followed any more: a new connection is needed.
  virtual bool in_step() const { return true; }

  /// True while an answer that this unit owes could be taken for the next one.
  virtual bool doubtful(int /*unit*/, MonoTime /*now*/) { return false; }
  /// What this unit says may be about something else than was asked, at `now`.
  virtual void doubt(int /*unit*/, MonoTime /*now*/) {}
  /// The unit has answered the last thing that it was asked.
  virtual void settle(int /*unit*/) {}

 protected:
  void drop(std::string_view kind) { dropped_(kind); }
  Bytes received_;

 private:
  Dropped dropped_;
};

/// Frames of modbus_frame.hpp.
class TcpGuard final : public ModbusGuard {
 public:
  /// Transactions are numbered from `first` on.
  TcpGuard(Dropped dropped, std::uint16_t first) : ModbusGuard(std::move(dropped)), transaction_(first) {}

  Bytes ask(int unit, ByteView pdu, MonoTime now) override;
  BusResult<std::optional<Bytes>> next(bool silent) override;
  BusError give_up() override;
  void reset() override;
  bool in_step() const override { return in_step_; }

 private:
  enum class Fate : std::uint8_t { unknown, waiting, answered, given_up };
  Fate& fate(std::uint16_t transaction) { return fates_[transaction % fates_.size()].second; }
  std::string_view kind_of(std::uint16_t transaction) const;
  std::optional<Bytes> take_frame();

  std::uint16_t transaction_;
  int unit_ = 0;
  bool in_step_ = true;
  bool began_before_ = false;                               // the frame in front began before the request was sent
  std::array<std::pair<std::uint16_t, Fate>, 64> fates_{};  // of the last transactions
};

/// RTU frames: unit:1 pdu crc:2 (low byte first)     (Modbus over serial line V1.02 §2.5.1)
class RtuGuard final : public ModbusGuard {
 public:
  using ModbusGuard::ModbusGuard;

  Bytes ask(int unit, ByteView pdu, MonoTime now) override;
  BusResult<std::optional<Bytes>> next(bool silent) override;
  BusError give_up() override;
  bool doubtful(int unit, MonoTime now) override;
  void doubt(int unit, MonoTime now) override { owing_[unit] = now; }
  void settle(int unit) override { owing_.erase(unit); }

 private:
  std::optional<Bytes> take_frame(bool silent);
  void drop_frame(const Bytes& frame);

  int unit_ = 0;
  std::uint8_t function_ = 0;
  MonoTime asked_{};
  std::size_t noise_ = 0;          // bytes of no frame since the request
  Bytes last_;                     // the frame that answered last
  std::map<int, MonoTime> owing_;  // units that did not answer, and since when
};

/// CRC-16/MODBUS.
std::uint16_t modbus_crc(ByteView bytes);

/// The size of the RTU answer that begins with `bytes`, by its function; nullopt: too little is there to tell; 0: no
/// answer begins so.
std::optional<std::size_t> rtu_answer_size(ByteView bytes);

}  // namespace anlan::edge
