# frozen_string_literal: true

# Loads an extension without its gem: ruby load_extension.rb FOLDER. For the release, where nothing is installed.
folder = File.expand_path(ARGV.fetch(0))
lib = File.expand_path("../../lib", __dir__)
library, = Dir[File.join(folder, "tasker_core_rb.*")]
abort "expected tasker_core_rb.* in #{folder}, got nothing" unless library

$LOAD_PATH.unshift(lib)
require "tasker_core/version"
require "tasker_core/errors"
require library
drawing = TaskerCore::Native.template_drawing("trial", %w[a b], [[], [0]]).dot
abort "expected a graph of two steps, got #{drawing}" unless drawing.include?("s0 -> s1")

puts "#{RUBY_DESCRIPTION}: #{File.basename(library)} #{TaskerCore::Native::VERSION}"
