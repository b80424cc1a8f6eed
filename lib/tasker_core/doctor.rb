# frozen_string_literal: true

require_relative "doctor/bulk_reads"
require_relative "doctor/connection_pool"
require_relative "doctor/core"
require_relative "doctor/eager_loading"
require_relative "doctor/functions"
require_relative "doctor/garbage_collection"
require_relative "doctor/indexes"
require_relative "doctor/jit"
require_relative "doctor/recovery"
require_relative "doctor/report"
require_relative "doctor/overridden_methods"
require_relative "doctor/settings"
require_relative "doctor/tables"
require_relative "doctor/versions"
require_relative "doctor/workflows"

module TaskerCore
  # Looks an application over: whether it has what the gem needs, and how it will fare with it. Nothing is changed.
  #
  # A check is an object with `title` and `findings`; what it looks at is given to it, or else taken from the running application.
  module Doctor
    CHECKS = [Versions, Core, Settings, EagerLoading, OverriddenMethods, Workflows, Tables, Functions, Indexes, Jit, ConnectionPool,
              GarbageCollection, BulkReads, Recovery].freeze

    class << self
      # @param checks [Array<#title, #findings>]
      # @return [Hash{String => Array<Finding>}] what was found, by the check's title
      def examine(checks = CHECKS.map(&:new))
        checks.to_h { |check| [check.title, findings(check)] }
      end

      private

      # A check that cannot look at its subject, such as a database that is away, has found a fault.
      def findings(check)
        check.findings
      rescue StandardError => e
        [Finding.fail("could not be looked at: #{e.class}: #{e.message.lines.first&.strip}",
                      "Make sure that the application can reach its database, and that this user may read its catalogue.")]
      end
    end
  end
end
