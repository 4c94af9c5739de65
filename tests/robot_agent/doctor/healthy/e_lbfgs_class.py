import torch, torch.nn as nn
class Fit:
    def __init__(self):
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)).double()
        self.opt = torch.optim.LBFGS(self.net.parameters(), max_iter=20, line_search_fn="strong_wolfe")
        self.x = torch.linspace(-2, 2, 80, dtype=torch.float64)[:, None]; self.y = self.x.pow(3) - self.x
        self.iter = 0
    def loss_func(self):
        self.opt.zero_grad()
        loss = (self.net(self.x) - self.y).pow(2).mean()
        loss.backward(); self.iter += 1
        return loss
    def train(self):
        self.net.train()
        for _ in range(6): l = self.opt.step(self.loss_func)
        print(l.item(), self.iter)
Fit().train()
