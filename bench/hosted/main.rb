# frozen_string_literal: true

# Readiness as a Rails application asks for it. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "../app/application"
require_relative "hosted"

Bench::Application.bench("hosted", Bench::Hosted)
