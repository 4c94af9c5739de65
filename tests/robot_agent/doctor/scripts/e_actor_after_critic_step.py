# the actor's loss is computed before the critic steps, and goes back after it; kind: in-place
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1), nn.Tanh())
critic = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
a_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
c_opt = torch.optim.Adam(critic.parameters(), lr=1e-3)


def q(s, a):
    return critic(torch.cat([s, a], 1))


for step in range(30):
    s = torch.randn(64, 3)
    a = actor(s).detach() + 0.1 * torch.randn(64, 1)
    r = -(a - s[:, :1]).pow(2)
    critic_loss = F.mse_loss(q(s, a), r)
    actor_loss = -q(s, actor(s)).mean()
    c_opt.zero_grad()
    critic_loss.backward()
    c_opt.step()  #!+ actor_loss = -q(s, actor(s)).mean()
    a_opt.zero_grad()
    actor_loss.backward()
    a_opt.step()
