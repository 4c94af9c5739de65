# graph-cut
import torch
import torch.nn as nn
torch.manual_seed(0)
class Agent:
    def __init__(self):
        self.actor = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1), nn.Tanh())
        self.critic = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
        self.actor_optimizer = torch.optim.Adam(self.actor.parameters(), lr=1e-3)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=3e-3)
    def select_action(self, state):
        return self.actor(state).detach()  #+
    def update(self, s, a, r):
        q = self.critic(torch.cat([s, a], 1))
        critic_loss = nn.functional.mse_loss(q, r)
        self.critic_optimizer.zero_grad(); critic_loss.backward(); self.critic_optimizer.step()
        actor_loss = -self.critic(torch.cat([s, self.select_action(s)], 1)).mean()  #! actor_loss = -self.critic(torch.cat([s, self.actor(s)], 1)).mean()
        self.actor_optimizer.zero_grad()
        actor_loss.backward()
        self.actor_optimizer.step()
        return critic_loss.item(), actor_loss.item()
agent = Agent()
w = torch.tensor([[0.5], [-0.3], [0.2]])
for it in range(300):
    s = torch.rand(64, 3) * 2 - 1
    a = (agent.select_action(s) + 0.3 * torch.randn(64, 1)).clamp(-1, 1)
    r = -(a - s @ w) ** 2
    out = agent.update(s, a, r)
    if it % 50 == 0: print(it, r.mean().item(), out)
