# frozen_string_literal: true

# Where the time of workflows goes, with the gem off and on. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "profile"

Bench::Application.bench("profile", Bench::Profile)
