# kind: train-while-testing
import torch
from torch import nn
torch.manual_seed(0)
class T:
    def __init__(self): self.m = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.6), nn.Linear(32, 2)); self.o = torch.optim.Adam(self.m.parameters(), 5e-3)
    def fit(self, X, Y):
        for e in range(10):
            for i in torch.randperm(len(X)).split(25): self.o.zero_grad(); nn.functional.cross_entropy(self.m(X[i]), Y[i]).backward(); self.o.step()
        return self
    def predict(self, X):
        with torch.no_grad():  #!+ self.m.eval()
            return self.m(X).argmax(1)  #+
X = torch.randn(250, 8); Y = (X[:, 0] > X[:, 1]).long()
p = T().fit(X[:200], Y[:200]).predict(X[200:]); print("accuracy", (p == Y[200:]).float().mean().item())
