# frozen_string_literal: true

module TaskerCore
  class Dashboard < Rails::Engine
    # A session for applications without one, such as those that are made with `rails new --api`: forms are protected by it. It is a cookie
    # that the application's secret encrypts.
    class SessionFallback
      OPTIONS = { key: "_tasker_core_dashboard", same_site: :strict, httponly: true }.freeze
      private_constant :OPTIONS

      # @param app [#call]
      def initialize(app)
        @app = app
        options = OPTIONS.merge(secure: Rails.application&.config&.force_ssl || false)
        @with_session = ActionDispatch::Cookies.new(ActionDispatch::Session::CookieStore.new(app, options))
      end

      def call(env)
        (env["rack.session"] ? @app : @with_session).call(env)
      end
    end
  end
end
