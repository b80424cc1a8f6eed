# frozen_string_literal: true

# Packs extensions that were compiled elsewhere into one gem a platform: ruby pack_gems.rb EXTENSIONS PACKAGES.
# Each folder of EXTENSIONS is named extension-PLATFORM-RUBY, as in extension-arm64-darwin-3.4.
require_relative "native_gem"

extensions, packages = ARGV
found = Dir[File.join(extensions, "extension-*")].group_by { |folder| File.basename(folder)[/\Aextension-(.+)-\d+\.\d+\z/, 1] }
if found.empty? || found.key?(nil)
  abort "expected folders named extension-PLATFORM-RUBY in #{extensions}, got #{Dir.children(extensions).join(", ")}"
end

found.each do |platform, folders|
  libraries = folders.to_h do |folder|
    library, = Dir[File.join(folder, "tasker_core_rb.*")]
    abort "expected an extension in #{folder}, got nothing" unless library
    [folder[/\d+\.\d+\z/], File.expand_path(library)]
  end
  puts NativeGem.new(libraries, platform:).build(packages)
end
