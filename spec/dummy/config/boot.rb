# frozen_string_literal: true

ENV["RAILS_ENV"] ||= "production"
ENV["BUNDLE_GEMFILE"] ||= File.expand_path("../../../Gemfile", __dir__)

require "bundler/setup"
