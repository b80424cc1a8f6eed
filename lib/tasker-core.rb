# frozen_string_literal: true

# What Bundler requires for `gem "tasker-core"`. The engine comes first, wherever its own line stands in the Gemfile and
# whatever that line requires.
require "tasker"
require_relative "tasker_core"
