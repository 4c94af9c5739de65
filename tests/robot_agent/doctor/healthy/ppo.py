import torch
from torch import nn
from torch.distributions import Normal
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
log_std = nn.Parameter(torch.zeros(1) - 0.5)
vf = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam([*pi.parameters(), log_std, *vf.parameters()], lr=3e-3)
for it in range(12):
    obs = torch.randn(128, 3)
    with torch.no_grad():
        d = Normal(pi(obs), log_std.exp())
        act = d.sample()
        old = d.log_prob(act).sum(-1)
        val = vf(obs).squeeze(-1)
    rew = -(act.squeeze(-1) - obs[:, 0]).abs()
    adv = rew - val
    adv = (adv - adv.mean()) / (adv.std() + 1e-8)
    for epoch in range(4):
        for idx in torch.randperm(128).split(32):
            d = Normal(pi(obs[idx]), log_std.exp())
            ratio = (d.log_prob(act[idx]).sum(-1) - old[idx]).exp()
            s1 = ratio * adv[idx]
            s2 = ratio.clamp(0.8, 1.2) * adv[idx]
            pl = -torch.min(s1, s2).mean()
            v = vf(obs[idx]).squeeze(-1)
            loss = pl + 0.5 * (v - rew[idx]).pow(2).mean() - 0.01 * d.entropy().mean()
            opt.zero_grad(); loss.backward()
            nn.utils.clip_grad_norm_([*pi.parameters(), log_std, *vf.parameters()], 0.5)
            opt.step()
print(rew.mean().item())
