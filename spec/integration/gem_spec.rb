# frozen_string_literal: true

require_relative "../spec_helper"
require "fileutils"
require "open3"
require "tasker_core/version"

# The gem as it is published: built and installed with RubyGems, Rust and a C toolchain, and nothing else.
RSpec.describe "The gem", :slow do
  root = File.expand_path("../..", __dir__)

  # Without Bundler, as a user's shell would run it.
  def run(*command, env: {}, **)
    clean = ENV.keys.grep(/\A(BUNDLE|BUNDLER|RUBYOPT|RUBYLIB|GEM_)/).to_h { |name| [name, nil] }
    output, status = Open3.capture2e({ **clean, **env }, *command, **)
    raise "#{command.join(" ")} failed:\n#{output}" unless status.success?

    output
  end

  # What is compiled is the same; it is only not made fast, and what others have published is compiled once.
  let(:quick) do
    { "CARGO_PROFILE_RELEASE_LTO" => "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL" => "0",
      "CARGO_BUILD_BUILD_DIR" => File.join(root, "target/gem") }
  end

  # Always the same one: cargo keeps a build for each folder.
  let(:folder) { File.join(root, "tmp/gem") }
  let(:home) { File.join(folder, "home") }

  before { FileUtils.rm_rf(folder) && FileUtils.mkdir_p(folder) }
  after { FileUtils.rm_rf(folder) }

  it "is built, installed and loaded" do
    package = File.join(folder, "tasker-core.gem")
    run("gem", "build", "tasker-core.gemspec", "--output", package, chdir: root)
    run("gem", "install", "--local", "--ignore-dependencies", "--no-document", "--install-dir", home, package, env: quick, chdir: folder)

    script = 'gem "tasker-core"; require "tasker_core"; puts TaskerCore::VERSION, TaskerCore::Native::VERSION, ' \
             "TaskerCore::Extension.loaded?, $LOADED_FEATURES.grep(/tasker_core_rb/)"
    loaded = run(RbConfig.ruby, "-e", script, env: { "GEM_PATH" => [home, *Gem.path].join(":") }, chdir: folder)
    version, native, usable, library = loaded.lines.map(&:chomp)
    expect([version, native, usable]).to eq([TaskerCore::VERSION, TaskerCore::VERSION, "true"])
    expect(library).to start_with(File.realpath(home))
  end
end
