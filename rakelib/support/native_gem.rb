# frozen_string_literal: true

require "fileutils"
require "open3"
require "rubygems/package"
require "tmpdir"
require_relative "gem_trial"

# A gem with the compiled extension for several Rubies, which needs no compiler where it is installed.
class NativeGem
  PLATFORM = "x86_64-linux-gnu"
  # What the machine that installs it must have at least; README.md states it. {#check_glibc} holds the extension to it.
  GLIBC = Gem::Version.new("2.34")
  ROOT = File.expand_path("../..", __dir__)
  LIBRARY = "tasker_core_rb"
  # What only a build needs.
  SOURCES = %r{\A(src|ext|migrations)/|\ACargo\.|\Abuild\.rs\z}
  private_constant :SOURCES

  class Error < StandardError
  end

  # @param libraries [Hash{String => String}] by Ruby ("3.4"), the compiled extension
  # @param platform [String] as RubyGems names it
  def initialize(libraries, platform: PLATFORM)
    @libraries = libraries
    @platform = platform
  end

  # @param folder [String] in which the gem is written
  # @return [String] its path
  # @raise [Error] if the extension needs a newer glibc than {GLIBC}
  def build(folder)
    @libraries.each_value { |library| check_glibc(library) } if glibc?
    FileUtils.mkdir_p(folder)
    Dir.mktmpdir do |staging|
      stage(staging)
      package = Dir.chdir(staging) { Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { Gem::Package.build(specification) } }
      FileUtils.cp(File.join(staging, package), folder)
      File.join(folder, package)
    end
  end

  # @param library [String] for any processor
  # @return [Gem::Version] of the newest symbol of glibc that it refers to
  def self.glibc(library)
    symbols, status = Open3.capture2e("readelf", "--version-info", "--wide", library)
    versions = symbols.scan(/\bGLIBC_([\d.]+)/).flatten.map { |version| Gem::Version.new(version) }
    raise Error, "#{library}: expected a shared library for glibc, got something else" unless status.success? && versions.any?

    versions.max
  end

  # Installs the gem in an empty folder, with nothing on PATH but that Ruby, and tries it.
  # @param package [String]
  # @param ruby [String] the path of its program
  # @return [String] what the trial has printed
  # @raise [Error]
  def self.try(package, ruby)
    Dir.mktmpdir do |home|
      environment = { "PATH" => File.dirname(ruby), "HOME" => home, "GEM_HOME" => home, "GEM_PATH" => home }
      [GemTrial.install(package, ruby, home, environment), GemTrial.load(ruby, home, environment)].each do |result|
        raise Error, result.output unless result.passed
      end.last.output
    end
  end

  private

  def check_glibc(library)
    needed = NativeGem.glibc(library)
    return if needed <= GLIBC

    raise Error, "#{library}: expected symbols of glibc #{GLIBC} at most, got #{needed}: build on an older system, or raise NativeGem::GLIBC"
  end

  def stage(folder)
    specification.files.grep_v(/#{LIBRARY}\.\w+\z/o).each { |file| copy(File.join(ROOT, file), File.join(folder, file)) }
    @libraries.each { |ruby, library| copy(library, File.join(folder, place(ruby, library))) }
  end

  def copy(from, to)
    FileUtils.mkdir_p(File.dirname(to))
    FileUtils.cp(from, to)
  end

  # On Linux and Windows Ruby loads "so", on macOS "bundle".
  def place(ruby, library) = "lib/tasker_core/#{ruby}/#{LIBRARY}#{File.extname(library)}"

  def glibc? = @platform.end_with?("linux-gnu")

  def specification
    @specification ||= Gem::Specification.load(File.join(ROOT, "tasker-core.gemspec")).dup.tap do |spec|
      spec.platform = @platform
      spec.extensions = []
      spec.files = spec.files.grep_v(SOURCES) + @libraries.map { |ruby, library| place(ruby, library) }
      spec.required_ruby_version = rubies
      spec.metadata = spec.metadata.merge("glibc" => GLIBC.to_s) if glibc?
    end
  end

  def rubies
    versions = @libraries.keys.map { |ruby| Gem::Version.new(ruby) }
    major, minor = versions.max.segments
    Gem::Requirement.new(">= #{versions.min}", "< #{major}.#{minor + 1}.dev")
  end
end
