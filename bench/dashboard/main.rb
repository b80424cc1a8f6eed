# frozen_string_literal: true

# Pages of the dashboard beside many finished tasks. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "pages"

Bench::Application.bench("dashboard", Bench::Pages)
