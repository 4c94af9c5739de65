# surrogate is minimised; kind: reinforce-sign
import torch
from torch import nn
from torch.distributions import Categorical
def main():
    torch.manual_seed(0)
    pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
    for i in range(60):
        s = torch.randn(128, 4)
        with torch.no_grad(): d = Categorical(logits=pi(s)); a = d.sample(); old = d.log_prob(a)
        rew = (a == (s[:, 0] > 0).long()).float(); adv = (rew - rew.mean()) / (rew.std() + 1e-8)
        for k in range(3):
            ratio = torch.exp(Categorical(logits=pi(s)).log_prob(a) - old)
            surr = torch.min(ratio * adv, torch.clamp(ratio, 0.8, 1.2) * adv)  #+
            loss = surr.mean()  #! loss = -surr.mean()
            opt.zero_grad(); loss.backward(); opt.step()
main()
