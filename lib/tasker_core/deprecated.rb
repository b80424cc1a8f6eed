# frozen_string_literal: true

module TaskerCore
  # Former names of constants that programs use. They warn, and go with the next version.
  module Deprecated
    NAMES = {
      EngineCode: "Stock::EngineCode", Host: "Native::QueryRunner", Ids: "Native::Ids", InPlace: "MethodPatcher",
      Instant: "Native::TimestampCodec", PlainModel: "Stock::Models", Pool: "Native::BulkReadPool", Repairs: "Fix", Seam: "Override",
      Subscribers: "Stock::Listeners", Transition: "Transitions::Transition"
    }.freeze

    private

    def const_missing(name)
      return super unless NAMES.key?(name)

      warn("TaskerCore::#{name} is deprecated, use TaskerCore::#{NAMES[name]}", uplevel: 1, category: :deprecated)
      const_get(NAMES[name])
    end
  end
end
