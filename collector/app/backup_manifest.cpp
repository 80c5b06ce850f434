#include "collector/app/backup_manifest.hpp"

#include <fstream>
#include <sstream>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/io/file.hpp"
#include "common/io/json.hpp"

namespace anlan::collector {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFormat = 1;

const std::string* text_of(const json::object& object, const char* name, std::string& into) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return nullptr;
  into = value->get_string().c_str();
  return &into;
}

std::unexpected<Error> unreadable(const std::string& why) {
  return fail(Errc::malformed, std::string(kManifestFile) + ": " + why);
}

Result<BackupFile> file_from(const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* bytes = object == nullptr ? nullptr : object->if_contains("bytes");
  BackupFile file;
  if (bytes == nullptr || !bytes->is_int64() || bytes->get_int64() < 0 || !text_of(*object, "name", file.name) ||
      !text_of(*object, "sha256", file.sha256))
    return unreadable("each of files has name, bytes and sha256");
  if (file.name.empty() || file.name.front() == '.' || file.name.find('/') != file.name.npos)
    return fail(Errc::unsupported, std::string(kManifestFile) + ": '" + file.name + "' is no plain file name");
  file.bytes = static_cast<std::uint64_t>(bytes->get_int64());
  return file;
}

}  // namespace

std::string to_json(const BackupManifest& manifest) {
  json::array files;
  for (const BackupFile& file : manifest.files)
    files.push_back(json::object{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  return json::serialize(json::object{{"format", kFormat},
                                      {"made", to_rfc3339(manifest.made)},
                                      {"version", manifest.version},
                                      {"store", manifest.store},
                                      {"generation", manifest.generation},
                                      {"files", std::move(files)}}) +
         "\n";
}

Result<BackupManifest> manifest_from_json(const std::string& text) {
  const auto object = parse_json_object(text);
  if (!object) return unreadable(object.error().message);
  const json::value* format = object->if_contains("format");
  if (format == nullptr || !format->is_int64()) return unreadable("format is missing");
  if (format->get_int64() != kFormat)
    return fail(Errc::unsupported, std::string(kManifestFile) + " has format " + std::to_string(format->get_int64()) +
                                       ", this program knows " + std::to_string(kFormat) +
                                       ": use the program that made it");
  BackupManifest manifest;
  std::string made;
  if (!text_of(*object, "made", made) || !text_of(*object, "version", manifest.version) ||
      !text_of(*object, "store", manifest.store) || !text_of(*object, "generation", manifest.generation))
    return unreadable("made, version, store and generation are text");
  const auto time = parse_time(made);
  if (!time) return unreadable("made: " + time.error().message);
  manifest.made = *time;
  const json::value* files = object->if_contains("files");
  if (files == nullptr || !files->is_array()) return unreadable("files is a list");
  for (const json::value& value : files->get_array()) {
    auto file = file_from(value);
    if (!file) return fail(file.error());
    manifest.files.push_back(std::move(*file));
  }
  return manifest;
}

Result<BackupFile> described(const std::filesystem::path& folder, const std::string& name) {
  auto sum = sha256_of_file(folder / name);
  if (!sum) return fail(sum.error());
  return BackupFile{name, static_cast<std::uint64_t>(std::filesystem::file_size(folder / name)), std::move(*sum)};
}

Result<BackupManifest> verified_backup(const std::filesystem::path& folder) {
  std::ifstream in(folder / kManifestFile);
  if (!in) return fail(Errc::not_found, folder.string() + " is no backup: it has no " + kManifestFile);
  std::ostringstream text;
  text << in.rdbuf();
  auto manifest = manifest_from_json(text.str());
  if (!manifest) return manifest;
  for (const BackupFile& file : manifest->files) {
    const auto found = described(folder, file.name);
    if (!found) return fail(Errc::storage_corrupt, "the backup is not whole: " + found.error().message);
    if (*found != file)
      return fail(Errc::storage_corrupt, (folder / file.name).string() +
                                             " is not what was backed up (its SHA-256 differs): use another backup");
  }
  return manifest;
}

}  // namespace anlan::collector
