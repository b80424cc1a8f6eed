# frozen_string_literal: true

require "rbconfig"

# Where cargo leaves the extension and where Ruby looks for it.
module Extension
  PACKAGE = "tasker_core_rb"
  PROFILE = ENV.fetch("TASKER_CORE_CARGO_PROFILE", "release")

  module_function

  def built(profile = PROFILE)
    folder = profile == "dev" ? "debug" : profile
    File.join(ENV.fetch("CARGO_TARGET_DIR", "target"), folder, "lib#{PACKAGE}.#{RbConfig::CONFIG.fetch("SOEXT")}")
  end

  def installed = "lib/tasker_core/#{PACKAGE}.#{RbConfig::CONFIG.fetch("DLEXT")}"

  # The old library is removed, not overwritten: a process that has it loaded keeps its own copy, and macOS kills
  # programs whose signed library changes in place.
  def install(from = built, to = installed)
    return if File.exist?(to) && FileUtils.identical?(from, to)

    FileUtils.mkdir_p(File.dirname(to))
    FileUtils.rm_f(to)
    FileUtils.cp(from, to)
  end
end

desc "Compile the extension into lib/ (TASKER_CORE_CARGO_PROFILE=dev for a quick, slow one)"
task :compile do
  sh({ "RUBY" => RbConfig.ruby }, "cargo", "build", "--profile", Extension::PROFILE, "--package", Extension::PACKAGE)
  Extension.install
end

namespace :compile do
  # Not made fast: its dependencies are then those that the Rust tests have compiled.
  desc "Compile the extension with the pool for bulk reads into tmp/pool/lib"
  task :pool do
    sh({ "RUBY" => RbConfig.ruby }, "cargo", "build", "--package", Extension::PACKAGE, "--features", "pool")
    Extension.install(Extension.built("dev"), "tmp/pool/#{Extension.installed}")
  end
end
