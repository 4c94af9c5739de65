# actor and critic: the critic's update sets the actor's gradients to zero; kind: not-zeroed
import torch
import torch.nn as nn
from torch.distributions import Normal

torch.manual_seed(0)
actor, critic = nn.Linear(2, 1), nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
actor_optim = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_optim = torch.optim.SGD(critic.parameters(), lr=1e-2)
for step in range(120):
    s = torch.randn(64, 2)
    dist = Normal(actor(s).squeeze(1), 0.3)
    a = dist.sample()
    reward = -(a - s[:, 0]).pow(2)
    value = critic(s).squeeze(1)
    advantage = reward - value

    critic_loss = advantage.pow(2).mean()
    actor_optim.zero_grad()  #! critic_optim.zero_grad()
    critic_loss.backward()  #+
    critic_optim.step()  #+

    actor_loss = -(dist.log_prob(a) * advantage.detach()).mean()
    actor_optim.zero_grad()
    actor_loss.backward()
    actor_optim.step()
print(critic_loss.item())
