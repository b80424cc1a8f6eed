# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # Admits the visitors that `config.dashboard.authenticate` admits; without it, all visitors except in production.
    module Access
      ANYBODY = "somebody"
      private_constant :ANYBODY

      private

      def authenticate
        settings = TaskerCore.configuration.dashboard
        return unprotected if settings.authenticate.nil?

        @visitor = settings.authenticate.call(self)
        return if performed?

        @entered = @visitor ? true : false
        failure(:forbidden, "No entry", "The application does not let you in.") unless @entered
      end

      def unprotected
        @entered = !Rails.env.production?
        return if @entered

        failure(:forbidden, "No entry", "The dashboard refuses everybody in production until the application says who may come in: set " \
                                        "config.dashboard.authenticate (docs/dashboard.md).")
      end

      # @return [String] who it is, for the audit line
      def visitor_name
        @visitor.is_a?(String) ? Text.line(@visitor) : ANYBODY
      end
    end
  end
end
