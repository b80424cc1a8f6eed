# frozen_string_literal: true

Rails.application.configure do
  config.enable_reloading = false
  config.consider_all_requests_local = false
  config.cache_store = :memory_store
end
