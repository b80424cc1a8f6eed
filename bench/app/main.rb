# frozen_string_literal: true

# Workflows in a Rails application with the gem off and on. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "application"
require_relative "workflows"

Bench::Application.bench("app", Bench::Workflows)
