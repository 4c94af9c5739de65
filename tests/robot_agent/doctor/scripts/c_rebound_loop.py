# kind: weights-rebound
import torch
torch.manual_seed(0)
X = torch.randn(100, 2); Y = 3 * X[:, 0] - X[:, 1] + 0.5
class LinReg:
    def __init__(self): self.w = torch.zeros(2, requires_grad=True); self.b = torch.zeros((), requires_grad=True)
    def __call__(self, x): return x @ self.w + self.b
    def step(self, lr):
        self.w = self.w - lr * self.w.grad  #! self.w.data = self.w.data - lr * self.w.grad
        self.b = self.b - lr * self.b.grad  #! self.b.data = self.b.data - lr * self.b.grad
    def zero(self): self.w.grad = self.b.grad = None
m = LinReg()
for i in range(50):
    loss = (m(X) - Y).pow(2).mean(); loss.backward(); m.step(0.1); m.zero()
