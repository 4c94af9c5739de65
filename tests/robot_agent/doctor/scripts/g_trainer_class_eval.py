# a trainer that forgets train(); kind: eval-while-training
import torch
from torch import nn
class Trainer:
    def __init__(self, model, lr=0.01):
        self.model = model; self.opt = torch.optim.Adam(model.parameters(), lr); self.loss = nn.CrossEntropyLoss()
    def fit(self, x, y, xv, yv, epochs=40):
        for e in range(epochs):
            p = torch.randperm(len(x))  #!+ self.model.train()
            for k in range(0, len(x), 50):
                b = p[k:k + 50]
                loss = self.loss(self.model(x[b]), y[b])  #+
                self.opt.zero_grad(); loss.backward(); self.opt.step()
            self.evaluate(xv, yv)
    def evaluate(self, x, y):
        self.model.eval()  #+
        with torch.no_grad():
            return (self.model(x).argmax(1) == y).float().mean().item()
def main():
    torch.manual_seed(0)
    y = torch.randint(0, 4, (400,)); x = torch.randn(4, 8)[y] * 2 + torch.randn(400, 8)
    net = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 4))
    Trainer(net).fit(x[:300], y[:300], x[300:], y[300:])
main()
