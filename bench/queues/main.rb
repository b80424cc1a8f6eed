# frozen_string_literal: true

# Workflows with the gem beside plain Active Job jobs on Solid Queue and GoodJob, in one run. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "comparison"

Bench::Application.bench("queues", Bench::Queues::Comparison)
