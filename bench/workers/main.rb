# frozen_string_literal: true

# Several worker processes over the same tables. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "workers"

Bench::Application.bench("workers", Bench::Workers)
