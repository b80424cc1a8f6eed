# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Keeps from Zeitwerk what it cannot load of the published engine, so that `config.eager_load = true` boots.
    #
    # No constant becomes unreachable by that: the engine loads these files by their path wherever it needs them.
    module EagerLoad
      # Files and folders that define other constants than their paths promise.
      MISNAMED = %w[
        app/graphql/tasker/graph_ql_types
        app/graphql/tasker/graph_ql_types.rb
        lib/generators
        lib/tasker/authentication/errors.rb
        lib/tasker/authorization/errors.rb
        lib/tasker/errors.rb
      ].freeze

      # Needs the gem `csv`, which is no part of Ruby from 3.4 on and no dependency of the engine. Still autoloaded on demand.
      OPTIONAL = %w[lib/tasker/telemetry/plugins/csv_exporter.rb].freeze

      # Loads the GraphQL types one after the other. The engine does so in its schema, which comes after what names those types.
      GRAPHQL_TYPES = "app/graphql/tasker/graph_ql_types.rb"
      NAME_GRAPHQL_TYPES = %w[Tasker::Mutations Tasker::Queries].freeze

      class << self
        # @param loader [Zeitwerk::Loader] the one that is given the engine's folders, before it is set up
        # @param root [Pathname] the engine's
        def prepare(loader, root = Tasker::Engine.root)
          return unless TaskerCore.configuration.repairs[:eager_load]

          loader.ignore(*MISNAMED.map { |path| root.join(path) })
          loader.do_not_eager_load(*OPTIONAL.map { |path| root.join(path) })
          NAME_GRAPHQL_TYPES.each { |name| loader.on_load(name) { require root.join(GRAPHQL_TYPES).to_s } }
        end
      end
    end
  end
end
