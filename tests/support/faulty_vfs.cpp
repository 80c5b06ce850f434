#include "tests/support/faulty_vfs.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <sqlite3.h>

namespace anlan::test {
namespace {

// SQLite calls plain functions, so what they share stands here. Each file has one thread that writes it.
struct State {
  sqlite3_vfs own{};
  sqlite3_vfs* real = nullptr;
  std::optional<FaultyVfs::Fault> fault;
  std::size_t left = 0;
  bool struck = false;

  bool remembering = false, honest = true, cut = false;
  std::size_t until_cut = 0, operations = 0;
  std::map<sqlite3_file*, std::string> names;  // of open files
  FaultyVfs::Image durable;
  FaultyVfs::Watch watch;
};
State g_state;
std::mutex g_mutex;  // of g_state

struct File {
  sqlite3_file base;
  sqlite3_file* real;  // in the same piece of memory, behind this
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

bool strikes(FaultyVfs::Fault fault) {
  const std::lock_guard lock(g_mutex);
  if (g_state.fault != fault) return false;
  if (g_state.left > 0) {
    --g_state.left;
    return false;
  }
  return g_state.struck = true;
}

/// False: the power is gone.
bool powered() {
  const std::lock_guard lock(g_mutex);
  if (!g_state.remembering) return true;
  ++g_state.operations;
  if (g_state.until_cut == 0) g_state.cut = true;
  if (g_state.cut) return false;
  --g_state.until_cut;
  return true;
}

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

/// What happened to a file, for who watches.
int told(sqlite3_file* f, FaultyVfs::Did did, int result) {
  const std::lock_guard lock(g_mutex);
  const auto name = g_state.names.find(f);
  if (result == SQLITE_OK && g_state.watch && name != g_state.names.end()) g_state.watch(did, name->second);
  return result;
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
  if (!powered()) return SQLITE_IOERR_TRUNCATE;
  return real(f)->pMethods->xTruncate(real(f), size);
}

int close_file(sqlite3_file* f) {
  {
    const std::lock_guard lock(g_mutex);
    g_state.names.erase(f);
  }
  return real(f)->pMethods->xClose(real(f));
}

int delete_file(sqlite3_vfs*, const char* name, int sync) {
  if (!powered()) return SQLITE_IOERR_DELETE;
  {
    const std::lock_guard lock(g_mutex);
    g_state.durable.erase(name);
  }
  return g_state.real->xDelete(g_state.real, name, sync);
}

int write_file(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  if (!powered()) return SQLITE_IOERR_WRITE;
  if (strikes(FaultyVfs::Fault::disk_full)) return SQLITE_FULL;
  return told(f, FaultyVfs::Did::write, real(f)->pMethods->xWrite(real(f), data, size, at));
}

int sync_file(sqlite3_file* f, int flags) {
  if (!powered()) return SQLITE_IOERR_FSYNC;
  if (strikes(FaultyVfs::Fault::sync_fails)) return SQLITE_IOERR_FSYNC;
  const int synced = real(f)->pMethods->xSync(real(f), flags);
  if (!g_state.honest) return synced;
  {
    const std::lock_guard lock(g_mutex);
    const auto name = g_state.names.find(f);
    if (synced == SQLITE_OK && g_state.remembering && name != g_state.names.end())
      g_state.durable[name->second] = content(name->second);
  }
  return told(f, FaultyVfs::Did::sync, synced);
}

const sqlite3_io_methods kMethods{
    .iVersion = 3,
    .xClose = close_file,
    .xRead = [](sqlite3_file* f, void* to, int size,
                sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, size, at); },
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xLock(real(f), lock); },
    .xUnlock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); },
    .xCheckReservedLock = [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    .xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    .xShmMap = [](sqlite3_file* f, int page, int size, int extend,
                  void volatile** out) { return real(f)->pMethods->xShmMap(real(f), page, size, extend, out); },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    .xFetch = [](sqlite3_file* f, sqlite3_int64 at, int size,
                 void** out) { return real(f)->pMethods->xFetch(real(f), at, size, out); },
    .xUnfetch = [](sqlite3_file* f, sqlite3_int64 at,
                   void* page) { return real(f)->pMethods->xUnfetch(real(f), at, page); },
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
  auto* file = reinterpret_cast<File*>(f);
  file->real = reinterpret_cast<sqlite3_file*>(file + 1);
  const bool there = name && std::filesystem::exists(name);
  const int opened = g_state.real->xOpen(g_state.real, name, file->real, flags, out);
  const std::lock_guard lock(g_mutex);
  if (opened == SQLITE_OK && name && g_state.remembering) {
    g_state.names[f] = name;
    if (there) g_state.durable.try_emplace(name, content(name));  // it lay there before
  }
  file->base.pMethods = file->real->pMethods ? &kMethods : nullptr;
  return opened;
}

}  // namespace

FaultyVfs::FaultyVfs() {
  if (g_state.real) throw std::logic_error("one FaultyVfs at a time");
  g_state = {};
  g_state.real = sqlite3_vfs_find(nullptr);
  g_state.own = *g_state.real;  // what is not replaced is called with our pointer and uses nothing of it but pAppData
  g_state.own.pNext = nullptr;
  g_state.own.zName = "anlan-faulty";
  g_state.own.szOsFile = static_cast<int>(sizeof(File)) + g_state.real->szOsFile;
  g_state.own.xOpen = open_file;
  g_state.own.xDelete = delete_file;
  sqlite3_vfs_register(&g_state.own, 1);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&g_state.own);
  sqlite3_vfs_register(g_state.real, 1);
  g_state = {};
}

void FaultyVfs::fail_after(std::size_t count, Fault fault) {
  g_state.fault = fault;
  g_state.left = count;
  g_state.struck = false;
}

void FaultyVfs::heal() { g_state.fault.reset(); }

bool FaultyVfs::struck() const { return g_state.struck; }

void FaultyVfs::cut_after(std::size_t count, bool honest) {
  const std::lock_guard lock(g_mutex);
  g_state.remembering = true;
  g_state.honest = honest;
  g_state.cut = false;
  g_state.until_cut = count;
  g_state.operations = 0;
  g_state.durable.clear();
}

bool FaultyVfs::cut() const {
  const std::lock_guard lock(g_mutex);
  return g_state.cut;
}

std::size_t FaultyVfs::operations() const {
  const std::lock_guard lock(g_mutex);
  return g_state.operations;
}

FaultyVfs::Image FaultyVfs::synced() const {
  const std::lock_guard lock(g_mutex);
  return g_state.durable;
}

void FaultyVfs::watch(Watch watch) {
  const std::lock_guard lock(g_mutex);
  g_state.watch = std::move(watch);
}

void FaultyVfs::lay(const Image& image, const std::string& directory) {
  for (const auto& [name, bytes] : image)
    std::ofstream(std::filesystem::path(directory) / std::filesystem::path(name).filename(), std::ios::binary) << bytes;
}

}  // namespace anlan::test
