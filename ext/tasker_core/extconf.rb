# frozen_string_literal: true

# Compiles the extension where the gem is installed: `gem install`, `bundle install` and `bundle pristine` run this file, then
# `make install`. Arguments go to cargo: `bundle config set build.tasker-core "--features pool"`.

require "fileutils"
require "json"
require "open3"
require "rbconfig"

# Runs cargo and writes the Makefile that RubyGems expects. A failure ends with one sentence that names the cure.
#
# Cargo and rustup read `.cargo/config.toml` and `rust-toolchain.toml` of the current folder and of those above it. A bundle usually lies
# inside an application, and these files are about the application's own crates. So cargo runs in the root folder: only the settings in
# CARGO_HOME, in the environment and in the arguments apply.
class Build
  ROOT = File.expand_path("../..", __dir__)
  NAME = "tasker_core_rb"
  LIBRARY = "#{NAME}.#{RbConfig::CONFIG.fetch("DLEXT")}".freeze
  MINIMUM = File.read(File.join(ROOT, "Cargo.toml"))[/^rust-version = "(.+)"/, 1]
  LIBRARY_ENDINGS = %w[.so .dylib .dll .bundle].freeze
  NEUTRAL = File.expand_path("/")
  CONFIG_ARGUMENT = '`bundle config set build.tasker-core "--config /path/to/config.toml"`'
  # What cargo prints, and the cure.
  CURES = {
    /Unable to find libclang|couldn't find any valid shared libraries matching.*clang/m =>
      "libclang is missing: install it (Debian: `apt-get install clang libclang-dev`, Alpine: `apk add clang-dev`, " \
      "macOS: `xcode-select --install`), or set LIBCLANG_PATH to its folder",
    /'ruby[^']*\.h' file not found/ => "Ruby's headers are missing: install them (Debian: `apt-get install ruby-dev`)",
    %r{'[\w./]+\.h' file not found} =>
      "C headers are missing: install clang and a C library for development (Debian: `apt-get install clang build-essential`)",
    /linker `.+` not found|failed to find tool/ =>
      "a C compiler is missing: install one (Debian: `apt-get install build-essential`, macOS: `xcode-select --install`)",
    /can't find crate for `(?:core|std)`/ => "Rust's standard library for this platform is missing: run `rustup target add %<target>s`",
    /failed to (?:download|get|fetch|load source|query replaced source)|unable to update|no matching package|attempting to make an HTTP/i =>
      "cargo could not fetch the crates in Cargo.lock: make a registry reachable, or name a vendored copy of them in " \
      "$CARGO_HOME/config.toml or with #{CONFIG_ARGUMENT}",
    /No space left on device/ => "the disk is full: compiling needs about 500 MB in #{__dir__}",
    /signal: 9, SIGKILL/ => "the compiler was killed, probably for want of memory: set CARGO_BUILD_JOBS=1, or compile on a larger machine"
  }.freeze

  def initialize(arguments)
    @arguments = arguments
  end

  def run
    check_make
    check_rust
    FileUtils.cp(compile, File.join(__dir__, LIBRARY))
    File.write(File.join(__dir__, "Makefile"), MAKEFILE)
  ensure
    FileUtils.rm_rf(target_folder)
  end

  private

  # Sites for `make install` come from RubyGems. Cleaning keeps the library: RubyGems cleans before it installs.
  MAKEFILE = <<~MAKE.freeze
    sitearchdir = #{RbConfig::CONFIG.fetch("sitearchdir").gsub("$", "$$")}

    all clean:

    install:
    \tmkdir -p "$(DESTDIR)$(sitearchdir)/tasker_core"
    \tcp "#{LIBRARY}" "$(DESTDIR)$(sitearchdir)/tasker_core/#{LIBRARY}"

    .PHONY: all clean install
  MAKE
  private_constant :MAKEFILE

  def check_make
    return if ENV["MAKE"] || ENV["make"] || program("make")

    stop("make is missing: install it (Debian: `apt-get install build-essential`, macOS: `xcode-select --install`)")
  end

  def check_rust
    cargo || stop("cargo is missing: install Rust #{MINIMUM} or newer (https://rustup.rs, or a package of your system); " \
                  "found none on PATH and in ~/.cargo/bin")
    version = rustc.fetch("release") { stop("rustc does not start: run `rustup default stable`, or install Rust #{MINIMUM} or newer") }
    return if Gem::Version.new(version.tr("-", ".")) >= Gem::Version.new(MINIMUM)

    stop("Rust is too old: expected #{MINIMUM} or newer, got #{version} (#{cargo}): run `rustup update stable`, or install a newer one")
  end

  # @return [String] the library that cargo reports
  def compile
    text = +""
    library = nil
    status = Open3.popen2e(environment, *command, chdir: NEUTRAL) do |stdin, lines, process|
      stdin.close
      lines.each_line do |line|
        next library = reported(line) || library if line.start_with?("{")

        text << line
        puts line
      end
      process.value
    end
    status.success? && library ? library : stop(cure(text))
  end

  def command
    [cargo, "rustc", "--manifest-path", File.join(__dir__, "Cargo.toml"), "--locked", "--release", "--lib", "--target-dir", target_folder,
     *(["--target", target] unless musl?), "--message-format", "json-render-diagnostics", *@arguments, "--", *link_arguments]
  end

  # @return [String, nil] the extension, if a line of cargo's messages is about it
  def reported(line)
    message = JSON.parse(line)
    return unless message["reason"] == "compiler-artifact" && message.dig("target", "name") == NAME

    message.fetch("filenames").find { |file| LIBRARY_ENDINGS.include?(File.extname(file)) }
  rescue JSON::ParserError
    nil
  end

  # `rb-sys` reads the settings of this Ruby.
  def environment
    return { "RUBY" => RbConfig.ruby } unless musl?

    { "RUBY" => RbConfig.ruby, "RUSTFLAGS" => "#{ENV.fetch("RUSTFLAGS", nil)} -C target-feature=-crt-static" }
  end

  def link_arguments
    case RbConfig::CONFIG.fetch("target_os")
    when /darwin/ then ["-C", "link-arg=-Wl,-undefined,dynamic_lookup"]
    when /mingw/ then ["-C", "link-arg=-Wl,--dynamicbase", "-C", "link-arg=-static-libgcc"]
    else []
    end
  end

  # Of this Ruby. Without it `build.target` in CARGO_HOME would apply.
  def target
    cpu = RbConfig::CONFIG.fetch("target_cpu").then { |name| { "arm64" => "aarch64", "x64" => "x86_64" }.fetch(name, name) }
    case RbConfig::CONFIG.fetch("target_os")
    when /darwin/ then "#{cpu}-apple-darwin"
    when /mingw/ then "#{cpu}-pc-windows-gnu"
    else ENV.fetch("CARGO_BUILD_TARGET") { rustc.fetch("host") }
    end
  end

  # With `--target`, the build script of `rb-sys` would be static there, and could not load libclang.
  def musl? = RbConfig::CONFIG.fetch("target_os").include?("musl")

  # @return [Hash{String => String}] what `rustc -vV` prints; empty if it fails
  def rustc
    @rustc ||= begin
      beside = File.join(File.dirname(cargo), File.basename(cargo).sub("cargo", "rustc"))
      output, status = Open3.capture2e(ENV.fetch("RUSTC") { File.executable?(beside) ? beside : "rustc" }, "-vV", chdir: NEUTRAL)
      puts output unless status.success?
      status.success? ? output.scan(/^(\w+): (\S+)$/).to_h : {}
    rescue SystemCallError
      {}
    end
  end

  def cargo
    @cargo ||= program(ENV.fetch("CARGO", "cargo")) || program(File.join(ENV.fetch("CARGO_HOME", "~/.cargo"), "bin/cargo"))
  end

  # @return [String, nil] the path of a program
  def program(name)
    name = File.expand_path(name) if name.start_with?("~")
    folders = name.include?("/") ? [""] : ENV.fetch("PATH", "").split(File::PATH_SEPARATOR).map { |folder| "#{folder}/" }
    folders.flat_map { |folder| ["#{folder}#{name}", "#{folder}#{name}#{RbConfig::CONFIG.fetch("EXEEXT")}"] }
           .find { |file| File.file?(file) && File.executable?(file) }
  end

  # Not in a temporary folder, which may forbid programs: cargo runs build scripts here.
  def target_folder = File.join(__dir__, "target")

  def cure(text)
    _, cure = CURES.find { |pattern, _| text.match?(pattern) }
    cure ? format(cure, target: target) : "cargo failed, and the reason stands above"
  end

  def stop(text)
    abort "\ntasker-core was not compiled: #{text}."
  end
end

Build.new(ARGV).run
