# frozen_string_literal: true

Rails.application.configure do
  config.enable_reloading = false
  config.consider_all_requests_local = true
  config.action_dispatch.show_exceptions = :none
  config.cache_store = :null_store
  config.active_support.deprecation = :stderr
end
