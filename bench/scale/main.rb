# frozen_string_literal: true

# What a step costs by the size of its task, in an application with the gem on. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "scale"

Bench::Application.bench("growth", Bench::Scale)
