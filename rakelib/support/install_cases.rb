# frozen_string_literal: true

require "fileutils"
require "rbconfig"
require_relative "gem_trial"

# The source gem, installed in the circumstances that applications and machines bring along: it is compiled and works, or fails with one
# sentence that names the cure.
class InstallCases
  ROOT = File.expand_path("../..", __dir__)
  RUBY = RbConfig.ruby
  DRAWN = /\A#{RUBY_VERSION} s0 -> s1\z/

  class Error < StandardError
  end

  # @!attribute name [String]
  # @!attribute expected [Regexp, nil] the cure; nil if the gem is compiled
  # @!attribute quick [Boolean] whether nothing is compiled
  # @!attribute prepare [Proc] writes what is special into the application; may return `:folder`, `:environment` and `:arguments`
  Case = Data.define(:name, :expected, :quick, :prepare)

  FOREIGN_CONFIGURATION = <<~TOML
    [build]
    target = "wasm32-unknown-unknown"
    target-dir = "elsewhere"
    [source.crates-io]
    replace-with = "vendored"
    [source.vendored]
    directory = "crates"
  TOML

  OLD_RUST = <<~SH
    #!/bin/sh
    printf 'rustc 1.80.1\\nhost: x86_64-unknown-linux-gnu\\nrelease: 1.80.1\\n'
  SH

  class << self
    def all = @all ||= compiled + refused

    # @param text [String] "quick", a part of names, or nothing for all cases
    def chosen(text) = text == "quick" ? all.select(&:quick) : all.select { |one| one.name.include?(text) }

    # Builds the source gem.
    # @param package [String] the file
    def build(package)
      result = GemTrial.run({}, RUBY, "-S", "gem", "build", "tasker-core.gemspec", "--output", package, chdir: ROOT)
      raise Error, result.output unless result.passed
    end

    private

    def compiled
      {
        "a plain folder" => ->(_) { {} },
        "an application with .cargo/config.toml: target, target-dir, vendored sources" => lambda do |application|
          application.write(".cargo/config.toml", FOREIGN_CONFIGURATION)
          {}
        end,
        "an application with a rust-toolchain.toml" => lambda do |application|
          application.write("rust-toolchain.toml", %([toolchain]\nchannel = "1.31.0"\n))
          {}
        end,
        "an application in a workspace of its own" => lambda do |application|
          application.write("Cargo.toml", %([workspace]\nmembers = ["vendor/bundle/**"]\n))
          {}
        end,
        "a path with spaces" => ->(_) { { folder: "my application" } },
        "no network, with vendored crates" => lambda do |application|
          { environment: { "CARGO_HOME" => application.folder("cargo"), "CARGO_NET_OFFLINE" => "true" },
            arguments: ["--config", application.vendored_crates] }
        end
      }.map { |name, prepare| Case.new(name:, expected: nil, quick: false, prepare:) }
    end

    def refused
      [
        Case.new("no cargo", /cargo is missing: install Rust 1\.\d+ or newer .*found none on PATH/, true, lambda do |application|
          { environment: { **application.tools("make", "sh", "cc"), "HOME" => application.folder("home"), "CARGO_HOME" => nil } }
        end),
        Case.new("no make", /make is missing: install it/, true, ->(application) { { environment: application.tools("sh") } }),
        Case.new("an old Rust", /Rust is too old: expected 1\.\d+ or newer, got 1\.80\.1 .*rustup update/, true, lambda do |application|
          application.tools("make", "sh", "cargo").then do |environment|
            application.write("tools/rustc", OLD_RUST, 0o755)
            { environment: }
          end
        end),
        Case.new("no network", /could not fetch the crates .*make a registry reachable/, true,
                 ->(application) { { environment: { "CARGO_HOME" => application.folder("cargo"), "CARGO_NET_OFFLINE" => "true" } } }),
        Case.new("no C compiler", /a C compiler is missing: install one/, false, lambda do |application|
          { environment: { **application.tools("make", "sh", "cargo", "rustc"), **application.nothing_compiled } }
        end),
        Case.new("no libclang", /libclang is missing: install it/, false,
                 ->(application) { { environment: { "LIBCLANG_PATH" => application.folder("empty"), **application.nothing_compiled } } })
      ]
    end
  end

  # @param package [String] the source gem
  # @param folder [String] an empty one, for applications
  def initialize(package, folder)
    @package = package
    @folder = folder
  end

  # @return [Case]
  # @raise [Error] if the case ends otherwise than it should
  def check(install_case)
    FileUtils.rm_rf(@folder)
    application = Application.new(File.join(@folder, "application"))
    special = install_case.prepare.call(application)
    home = application.folder(*special[:folder], "vendor/bundle")
    environment = { **quick_build, **special.fetch(:environment, {}) }
    arguments = special.key?(:arguments) ? ["--", *special.fetch(:arguments)] : []
    judge(install_case, GemTrial.install(@package, RUBY, home, environment, *arguments), home)
  ensure
    FileUtils.rm_rf(@folder)
  end

  private

  def judge(install_case, result, home)
    result = GemTrial.load(RUBY, home, {}) if result.passed && install_case.expected.nil?
    wanted = install_case.expected || DRAWN
    return install_case if result.passed == install_case.expected.nil? && result.output.match?(wanted)

    raise Error, "#{install_case.name}: expected #{wanted.inspect}, got:\n#{result.output}"
  end

  # What is compiled is the same; it is only not made fast, and what others have published is compiled once.
  def quick_build
    { "CARGO_PROFILE_RELEASE_LTO" => "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL" => "0",
      "CARGO_BUILD_BUILD_DIR" => File.join(ROOT, "target/gem") }
  end

  # A folder that stands for an application, with a bundle inside.
  class Application
    def initialize(folder)
      @folder = folder
    end

    # @return [String] a folder inside, made if need be
    def folder(*names) = File.join(@folder, *names).tap { |path| FileUtils.mkdir_p(path) }

    def write(name, text, mode = 0o644)
      path = File.join(@folder, name)
      FileUtils.mkdir_p(File.dirname(path))
      File.write(path, text)
      File.chmod(mode, path)
    end

    # @return [Hash{String => String}] an environment whose PATH has only these programs
    def tools(*names)
      folder("tools").then do |path|
        names.each { |name| File.symlink(find(name), File.join(path, name)) }
        { "PATH" => path, "RUSTUP_HOME" => ENV.fetch("RUSTUP_HOME") { File.expand_path("~/.rustup") } }
      end
    end

    # Nothing of an earlier build is used.
    def nothing_compiled = { "CARGO_BUILD_BUILD_DIR" => folder("build") }

    # @return [String] a configuration of cargo that names a copy of every crate
    def vendored_crates
      settings, messages, status = Open3.capture3("cargo", "vendor", "--locked", folder("crates"), chdir: ROOT)
      raise Error, "cargo vendor failed:\n#{messages}" unless status.success?

      write("vendored.toml", settings)
      File.join(@folder, "vendored.toml")
    end

    private

    def find(name)
      ENV.fetch("PATH").split(":").map { |path| File.join(path, name) }.find { |file| File.executable?(file) } ||
        raise(Error, "#{name} is missing: expected it on PATH, got nothing")
    end
  end
  private_constant :Application
end
